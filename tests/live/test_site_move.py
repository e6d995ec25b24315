"""Durham's systems move from County Hall to the new datacentre: nothing is lost, and the interruption is measured."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.live.helpers.running import Place, whole
from tests.live.helpers.signing_in import Refused, Tenant
from tests.waiting import wait_until

pytestmark = pytest.mark.live

OLD, NEW = "durham-county-hall", "durham-dc"
MOVE = ("site", "move", OLD, NEW)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Before the move: Durham and the CRM at County Hall, the CRM mirrored at the new datacentre."""
    made = whole(tmp_path, "move")
    _before_the_move(made, made.councils.parent / "partnership.yaml")
    for file in made.councils.iterdir():
        if file.stem not in ("northumberland", "durham", "derwentside"):
            file.unlink()
    _without_erp(made.councils / "northumberland.yaml")
    durham = made.councils / "durham.yaml"
    _without_erp(durham)
    text = durham.read_text().replace(f"site: {NEW}", f"site: {OLD}")
    durham.write_text(text.replace(made.own("10.30.8.0"), made.own("10.31.8.0")))
    made.clear()
    yield made
    made.clear()


MIRROR = re.compile(r"      mirror: \{site: morpeth, .*\n      backup: .*\n")


def _before_the_move(place: Place, file: Path) -> None:
    text = file.read_text()
    text = text[: text.index("    erp:\n")] + text[text.index("    crm:\n") :]
    text = re.sub(r"    erp: .*\n", "", text)
    text = text.replace("      until: 2007-04-01\n", place.own("      local-access: 10.31.255.0/24\n"))
    link = place.own(f"    - {{between: [consett, {OLD}], network: 10.99.3.0/24}}\n")
    text = text.replace("  instances:\n", f"{link}\n  instances:\n")
    text = text.replace(f"site: {NEW}\n      product", f"site: {OLD}\n      product").replace(
        place.own("10.30.2.0"), place.own("10.31.2.0")
    )
    mirror = place.own(f"      mirror: {{site: {NEW}, network: 10.30.2.0/24, recovery-point: 60s}}\n")
    file.write_text(MIRROR.sub(mirror, text))


def _without_erp(file: Path) -> None:
    text = file.read_text()
    text = re.sub(r"    erp:\n(      .*\n)+", "", text)
    file.write_text(re.sub(r"  offered:.*\n(    .*\n)+", "", text))


class Watch:
    """Somebody at Derwentside who works all the time."""

    def __init__(self, place: Place) -> None:
        self.tenant = Tenant(place, "derwentside", "crm", seconds=60)
        self.tenant.hurry(5)
        self.longest = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _work(self) -> None:
        served = time.monotonic()
        while not self._ended.wait(0.2):
            try:
                self.tenant.call("model.party.party.search_count", [], {})
                served = time.monotonic()
            except Refused:
                pass
            self.longest = max(self.longest, time.monotonic() - served)


def test_durham_moves(place: Place) -> None:
    """Killed in the middle and done again: all is at the new site, nothing is lost, the old one is emptied."""
    run = place.run("up", "--yes", timeout=1500)
    assert run.code == 0, run
    Tenant(place, "durham", "crm").create("party.party", name="written before the move")
    with Watch(place) as watch:
        _killed_halfway(place)
        run = place.run(*MOVE, "--yes", "--format", "json", timeout=1500)

    assert run.code == 0, f"{run}"
    print(f"while all of it moved Derwentside was without service for at most {watch.longest:.1f} s at a time")
    assert [name for name in place.containers() if f".{OLD}." in name] == []
    assert not (place.councils.parent / "active.yaml").exists()
    assert f"site: {NEW}" in (place.councils / "durham.yaml").read_text()
    names = Tenant(place, "durham", "crm").call("model.party.party.search_read", [], 0, None, None, ["name"], {})
    assert "written before the move" in [each["name"] for each in names]
    _proved_and_emptied(place)


def _killed_halfway(place: Place) -> None:
    """Begin the move, and kill it when the new site serves."""
    process = subprocess.Popen(place.command(*MOVE, "--yes"), env=place.environment, stdout=-3, stderr=-3)
    wait_until(
        lambda: (place.councils.parent / "active.yaml").exists() or process.poll() is not None, "it moves", pause=0.05
    )
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()


def _proved_and_emptied(place: Place) -> None:
    verified = place.run("verify")
    assert verified.code == 0, verified
    assert [name for name in place.volumes() if f".{OLD}." in name] == [f"mh-move.crm.{OLD}.data"]
    emptied = place.run("destroy", "--site", OLD, "--with-data", "--confirm", place.name)
    assert emptied.code == 0, emptied
    assert [name for name in place.volumes() if f".{OLD}." in name] == []
    looked = place.run("preview", "--detailed-exitcode")
    assert looked.code == 0, looked
    again = place.run(*MOVE, "--yes")
    assert again.code == 0, again
