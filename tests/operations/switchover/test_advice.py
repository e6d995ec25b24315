"""Whatever cannot be done says what to do, and that leads on: no advice leads in a circle.

Each failure of `failover` and `failback` is made in a world in memory, the advice is taken, and so on until the verb
has done its work.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.operations.switchover.world import PAUSED, Engine, World

from moothall import cli
from moothall.commands.recovery import restore
from moothall.model.planned import Plan
from moothall.operations import planning
from moothall.operations.secrets import passing_vault
from moothall.operations.switchover import switchover_context
from moothall.pulumi_engine import EngineUnreachable

SHIPPED = Path(__file__).parents[3] / "partnerships" / "northumberland-durham"
HOME, AWAY = "morpeth", "durham-dc"
SERVERS = {site: f"{SHIPPED.name}.erp.{site}.postgres" for site in (HOME, AWAY)}
RELAY = f"{SHIPPED.name}.erp.morpeth.database-relay"
TAKEN = 6
"""How many pieces of advice may be taken before a verb has to be done."""


class Desk:
    """An operator who types commands, and does what they advise."""

    def __init__(self, root: Path, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.world = world
        self.capsys = capsys

    def type(self, words: list[str]) -> tuple[int, str]:
        """Type a command of moothall; return its exit code and the first advice that it gives, "" for none."""
        code = cli.main([*words, "--root", str(self.root), "--format", "json"])
        out, err = self.shown = self.capsys.readouterr()
        told = re.findall(r"^  hint: (.*)$", err, re.MULTILINE)
        if out:
            told += [each["hint"] for each in json.loads(out).get("results", ()) if each.get("hint")]
        return code, told[0] if told else ""

    def led(self, *words: str) -> list[str]:
        """Type a command and take each advice until it is done; return the advice in order. None is given twice."""
        taken: list[str] = []
        typed = list(words)
        while True:
            code, advice = self.type(typed)
            if not code and typed == list(words):
                return taken
            typed = list(words)
            if code:
                assert advice, f"fails ({code}) and advises nothing after {taken}: {self.shown}"
                assert advice not in taken, f"a circle: {[*taken, advice]}"
                assert len(taken) < TAKEN, taken
                taken.append(advice)
                typed = self.take(advice) or typed

    def take(self, advice: str) -> list[str]:
        """Do what is advised outside of moothall, or return what is to be typed."""
        words = shlex.split(advice, comments=True)
        if words[:2] == ["moothall", "up"]:
            self.world.up()
        elif words[:2] == ["moothall", "doctor"]:
            self.world.silent = False  # which it says how to do
        elif words[0] == "docker":
            assert words[-2] == "restart"
            self.world.hung.discard(words[-1])
            self.world.start(words[-1])
        else:
            assert words[0] == "moothall"
            return words[1:]
        return []


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A partnership that stands in memory, mirrored, at home."""
    root = tmp_path
    shutil.copytree(SHIPPED, root / "partnerships" / SHIPPED.name)
    found: dict[str, World] = {}
    genuine = planning.compile_all

    def compiled(*given: object) -> list[Plan]:
        [plan] = genuine(*given)  # type: ignore[arg-type]
        found.setdefault("world", World(plan))
        return [plan]

    def identity(endpoint: object) -> str:
        if found["world"].silent:
            raise EngineUnreachable("unix:///nowhere", "gone")
        return "THIS"

    def engine(endpoint: object, seconds: float = 0) -> Engine:
        return Engine(found["world"], endpoint)

    monkeypatch.setattr(planning, "compile_all", compiled)
    for place in (switchover_context, restore):
        monkeypatch.setattr(place, "open_vault", lambda context, plan: passing_vault(plan))
    monkeypatch.setattr("moothall.pulumi_engine.identity", identity)
    monkeypatch.setattr("moothall.docker_engine.pool.Engine", engine)
    monkeypatch.setattr("moothall.operations.switchover.server.Engine", engine)
    monkeypatch.setattr("moothall.operations.switchover.server.COME_UP_SECONDS", 0.0)
    monkeypatch.setattr("moothall.operations.switchover.server.PATIENCE", 0.0)
    monkeypatch.setattr("moothall.operations.switchover.steps.CATCH_UP_SECONDS", 0.0)
    monkeypatch.setattr("moothall.operations.switchover.steps.DRAIN_SECONDS", 0.0)
    # A command counts from the start of its process, which here is that of all tests.
    monkeypatch.setattr("moothall.operations.switchover.switchover_context.command_time", time.monotonic)

    def logins(*given: object) -> object:
        return found["world"].logins(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("moothall.operations.switchover.steps.wait_ready", logins)
    assert cli.main(["failover", "erp", "--to", HOME, "--yes", "--root", str(root)]) == 0
    capsys.readouterr()
    return Desk(root, found["world"], capsys)


@pytest.fixture
def away(desk: Desk) -> Desk:
    """The same, failed over."""
    assert desk.led("failover", "erp", "--yes") == []
    return desk


def both_fenced(world: World) -> None:
    """Neither server may serve: a switch that was interrupted, and a fence put up by hand."""
    for volume in world.volumes.values():
        volume.fenced = True


Spoilt = Callable[[World], None]
BACK: dict[str, tuple[Spoilt, list[str]]] = {
    "all of home is stopped": (lambda w: w.stop(*w.at(HOME)), []),
    "everything is stopped": (lambda w: w.stop(*w.status), []),
    "everything is paused": (lambda w: w.stop(*w.status, status=PAUSED), []),
    "the way is gone": (lambda w: w.remove(RELAY), ["up"]),
    "the server at home is gone": (lambda w: w.remove(SERVERS[HOME]), ["up"]),
    "the server that serves is gone": (lambda w: w.remove(SERVERS[AWAY]), ["up"]),
    "all of home is gone": (lambda w: w.remove(*w.at(HOME)), ["up"]),
    "no command can be run at home": (lambda w: w.hung.add(SERVERS[HOME]), ["docker"]),
    "no command can be run in the server that serves": (lambda w: w.hung.add(SERVERS[AWAY]), ["docker"]),
    "the engine is silent": (lambda w: setattr(w, "silent", True), ["doctor"]),
    "both are fenced": (both_fenced, ["failover"]),
    "following fails once": (lambda w: w.fails.append("follow"), ["failback"]),
    "promoting fails once": (lambda w: w.fails.append("promote"), ["failback"]),
    "the fence fails once": (lambda w: w.fails.append("fence"), ["failback"]),
}


@pytest.mark.parametrize("case", BACK)
def test_failing_back(away: Desk, case: str) -> None:
    """Whatever it was that failed, the instance is at home in the end, mirrored."""
    spoil, steps = BACK[case]
    spoil(away.world)
    taken = away.led("failback", "erp", "--yes")
    assert list(dict.fromkeys(map(_verb, taken))) == steps, taken
    assert (away.world.role(HOME), away.world.role(AWAY)) == ("primary", "standby")


OVER: dict[str, tuple[Spoilt, list[str]]] = {
    "everything is stopped": (lambda w: w.stop(*w.status), []),
    "the mirror's site is stopped": (lambda w: w.stop(*w.at(AWAY)), []),
    "home is stopped": (lambda w: w.stop(*w.at(HOME)), []),
    "home's server is paused": (lambda w: w.stop(SERVERS[HOME], status=PAUSED), []),
    "the mirror's server is gone": (lambda w: w.remove(SERVERS[AWAY]), ["up"]),
    "home's server is gone": (lambda w: w.remove(SERVERS[HOME]), ["up"]),
    "the way is gone": (lambda w: w.remove(RELAY), ["up"]),
    "no command can be run in the mirror's server": (lambda w: w.hung.add(SERVERS[AWAY]), ["docker"]),
    "the engine is silent": (lambda w: setattr(w, "silent", True), ["doctor"]),
    "promoting fails once": (lambda w: w.fails.append("promote"), ["failover"]),
    "the fence fails once": (lambda w: w.fails.append("fence"), ["failover"]),
    "following fails once": (lambda w: w.fails.append("follow"), ["failback"]),
    "both are fenced": (both_fenced, []),
}


@pytest.mark.parametrize("case", OVER)
def test_failing_over(desk: Desk, case: str) -> None:
    """Whatever it was that failed, the mirror's site serves in the end, or it is at home again as was advised."""
    spoil, steps = OVER[case]
    spoil(desk.world)
    taken = desk.led("failover", "erp", "--yes", "--confirm", "erp")
    assert list(dict.fromkeys(map(_verb, taken))) == steps, taken
    assert desk.world.role(AWAY) == "primary"


def test_what_is_missing_between_the_servers_is_not_waited_for(away: Desk) -> None:
    """The server at home is not asked to follow: it is said what hands on no more."""
    away.world.remove(RELAY)
    code, advice = away.type(["failback", "erp", "--yes"])
    assert (code, _verb(advice)) == (1, "up")
    assert f"Neither server hears the other: {RELAY}, which hands on between them, is missing." in away.shown[1]


@pytest.mark.parametrize("verb", ["failover", "failback"])
def test_what_nobody_confirmed(desk: Desk, verb: str) -> None:
    """The advice is the same command with what was missing, and it is enough."""
    if verb == "failback":
        assert desk.led("failover", "erp", "--yes") == []
    code, advice = desk.type([verb, "erp"])
    assert code == 5
    assert desk.type(desk.take(advice)) == (0, "")


def test_a_loss_that_is_accepted_by_name(desk: Desk) -> None:
    """--yes is not enough where something may be lost; what is advised is."""
    desk.world.remove(RELAY)  # the standby does not hear the primary
    code, advice = desk.type(["failover", "erp", "--yes"])
    assert (code, advice) == (5, "moothall failover erp --yes --confirm erp")
    code, advice = desk.type(desk.take(advice))
    assert (code, _verb(advice)) == (1, "up")  # it serves, and its mirror cannot follow yet
    assert desk.world.role(AWAY) == "primary"


def test_a_replaced_server_has_to_follow_first(away: Desk) -> None:
    """Told to serve again it says how that is done."""
    away.world.volumes[HOME].fenced = True
    code, advice = away.type(["failover", "erp", "--to", HOME, "--yes"])
    assert (code, _verb(advice)) == (1, "failback")
    assert away.led("failback", "erp", "--yes") == []


@pytest.mark.parametrize(("failed_over", "verb"), [(False, "failover"), (True, "failback")])
def test_restoring_where_no_server_takes_writes(desk: Desk, failed_over: bool, verb: str) -> None:
    """It says what has one serve; then it gets further."""
    if failed_over:
        assert desk.led("failover", "erp", "--yes") == []
    both_fenced(desk.world)
    code, advice = desk.type(["restore", "northumberland", "--undo", "--confirm", "northumberland"])
    assert (code, _verb(advice)) == (1, verb)
    desk.led(*desk.take(advice), "--yes", "--confirm", "erp")
    code, advice = desk.type(["restore", "northumberland", "--undo", "--confirm", "northumberland"])
    assert (code, _verb(advice)) == (1, "restore"), "no former state is kept, and where to get one is said"


def test_restoring_where_something_is_down(desk: Desk) -> None:
    """What does not run is `up`'s to mend, and it is said what that is."""
    desk.world.stop(f"{SHIPPED.name}.erp.{AWAY}.repository", *SERVERS.values())
    code, advice = desk.type(["restore", "erp", "--undo", "--confirm", "erp"])
    assert (code, _verb(advice), " is exited; then moothall restore erp --undo" in advice) == (1, "up", True), advice


def _verb(advice: str) -> str:
    """Return what is advised: a verb of moothall, or another program."""
    words = shlex.split(advice, comments=True)
    return words[1] if words[0] == "moothall" else words[0]
