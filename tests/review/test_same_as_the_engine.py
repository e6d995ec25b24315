"""The promise of a review: for two plans it names the steps and effects that the engine's own preview names."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.pulumi_engine.memory_engine import MemoryEngine

from moothall.compilation import compile_all
from moothall.deploy import labels
from moothall.deploy.effects import effect
from moothall.deploy.program import program
from moothall.keys.vault import DerivingVault
from moothall.model import filesname
from moothall.model.engines import Endpoint
from moothall.model.planned import Plan, Stack
from moothall.pulumi_engine import Backend, Outcome, Protected, StackRun, Step, destroy_preview
from moothall.pulumi_engine.steps.observer import SILENT
from moothall.pulumi_engine.steps.operations import Operation
from moothall.review.comparison import StackReview, compare
from moothall.validation.validate import validate

DALES = Path(__file__).parent / "dales"
TODAY = date.today()
DAY = date(2008, 6, 1)
Shown = list[tuple[str, str, str, str, tuple[str, ...], str]]


def plan_of(root: Path, day: date = DAY) -> Plan:
    """Return the plan of the only partnership below a root."""
    [plan] = compile_all(validate(root, day).definitions, day)
    return plan


class Standing:
    """Plans stood up on an engine in memory, by the real program and the real engine."""

    def __init__(self, state: Path) -> None:
        self.engine = MemoryEngine()
        self.backend = Backend(state, lambda: "the review's own passphrase")
        self.master = bytes(32)

    def operation(self, plan: Plan, stack: Stack) -> Operation:
        """Return the operation of a stack's program."""
        vault = DerivingVault({0: self.master}, plan.partnership, agreed=plan.agreed, as_of=TODAY)
        declare = program(plan, stack, vault, "key", Endpoint("unix:///memory.sock"), "digest")
        run = StackRun("moothall", stack.name, declare, (labels.OWNER, labels.owner(stack.name, "key")))
        return Operation(run, self.backend, SILENT, lambda address: self.engine)

    def up(self, plan: Plan, stack: Stack) -> None:
        """Stand a stack up."""
        assert self.operation(plan, stack).up(threading.Event()).status == "succeeded"

    def preview(self, plan: Plan, stack: Stack) -> Outcome:
        """Return what the engine would do."""
        return self.operation(plan, stack).preview()

    def removal(self, stack: str) -> Outcome:
        """Return what the engine would take down."""
        return destroy_preview("moothall", stack, self.backend, with_data=False)


def of_engine(outcome: Outcome) -> Shown:
    """Return the engine's steps in the form that is compared; data is what it protects.

    To a review a container and its files are one thing; the engine has a volume and an uploader for them.
    """
    files, others = of_files(outcome), not_of_files(outcome)
    exchanged = {filesname.owner(s.physical): s for s in files if s.op != "create" and "uploads" in s.diff}
    moved = {filesname.owner(step.physical) for step in files if step.op == "create"}
    networks = any(step.op == "replace" and step.type.endswith(":Network") for step in others)
    shown = []
    for step in others:
        diff = set(step.diff)
        with_its_network = networks and diff == {"networksAdvanced"}
        if step.op == "replace" and step.physical in moved | exchanged.keys() and not with_its_network:
            diff = diff - ({"mounts"} if step.physical in moved else set()) | {"uploads"}
        shown.append(replace(step, diff=tuple(sorted(diff))))
    alone = [step for owner, step in exchanged.items() if owner not in {other.physical for other in others}]
    shown += [
        replace(step, urn=step.urn.removesuffix("-files"), physical=step.physical.removesuffix("-files"))
        for step in alone
    ]
    return sorted((s.op, s.urn, s.type, s.physical or s.name, s.diff, effect(s, data=s.protected)) for s in shown)


def of_files(outcome: Outcome) -> list[Step]:
    """Return the changes of what holds files."""
    return [step for step in outcome.changes if filesname.owner(step.physical)]


def not_of_files(outcome: Outcome) -> list[Step]:
    """Return all other changes."""
    return [step for step in outcome.changes if not filesname.owner(step.physical)]


def untouched(outcome: Outcome) -> int:
    """Return how many resources stay as they are, files and all."""
    same = {step.physical or step.urn for step in outcome.steps if step.op == "same"}
    touched = {filesname.owner(step.physical) for step in of_files(outcome)}
    return len([name for name in same - touched if not filesname.owner(name)])


def of_review(review: StackReview) -> Shown:
    """Return the review's steps in the form that is compared."""
    return sorted(
        (s.op, s.resource.urn, s.resource.type, s.resource.physical or s.resource.name, s.diff, s.effect)
        for s in review.steps
    )


def edited(root: Path, *edits: tuple[str, str, str]) -> Path:
    """Return a copy of the Dales in which texts of files are exchanged."""
    shutil.copytree(DALES, root, ignore=shutil.ignore_patterns("expected.txt"))
    for name, old, new in edits:
        file = root / "partnerships" / "dales" / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
    return root


PARTNERSHIP = "partnership.yaml"
ALSTON, BARTON = "councils/alston.yaml", "councils/barton.yaml"
EDITS = {
    "a module leaves": [(ALSTON, "        procurement: {from: 2008-01-01}\n", "")],
    "another title, which nothing that stands reads": [(ALSTON, "Alston Council", "Alston District Council")],
    "a council gets another network": [(ALSTON, "10.1.8.0/24", "10.1.9.0/24")],
    "a council moves to another site": [
        (BARTON, "planned: true", "from: 2007-01-01"),
        (ALSTON, "site: hill", "site: vale"),
        (ALSTON, "10.1.8.0/24", "10.3.9.0/24"),
    ],
    "a planned tenancy begins": [(BARTON, "planned: true", "from: 2007-01-01")],
    "a tenancy ends": [(ALSTON, "until: 2010-01-01", "until: 2008-02-01")],
    "a council is not a member yet": [(BARTON, "joined: 2006-10-10", "joined: 2009-01-01")],
    "backups come less often": [(PARTNERSHIP, "every: 1h", "every: 2h")],
    "another domain": [(PARTNERSHIP, "domain: dales.test", "domain: moors.test")],
    "an earlier agreement": [(PARTNERSHIP, "agreed: 2006-10-10", "agreed: 2005-10-10")],
    "another port": [(PARTNERSHIP, "published-port: 8443", "published-port: 8543")],
    "another network for the instance": [(PARTNERSHIP, "network: 10.1.1.0/24", "network: 10.1.2.0/24")],
    "another network for the mirror": [(PARTNERSHIP, "network: 10.3.1.0/24", "network: 10.3.2.0/24")],
    "another network for a link": [(PARTNERSHIP, "10.99.1.0/24", "10.99.3.0/24")],
    "a site gets local access": [
        (PARTNERSHIP, "local: 10.3.0.0/24", "local: 10.3.0.0/24, local-access: 10.3.255.0/24")
    ],
    "a site loses its local access": [(PARTNERSHIP, ", local-access: 10.1.255.0/24", "")],
    "a link less": [(PARTNERSHIP, "    - {between: [hill, vale], network: 10.99.9.0/24}\n", "")],
    "an application gets more memory": [
        (ALSTON, "      from: 2007-01-01", "      memory: 512MiB\n      from: 2007-01-01")
    ],
    "sessions last longer": [(ALSTON, "      until:", "      session: 1h\n      until:")],
    "the primary waits for its mirror": [(PARTNERSHIP, "mirror: {", "mirror: {mode: sync, ")],
    "comments only": [(PARTNERSHIP, "  links:", "  # between neighbours\n  links:")],
}
QUIET = ("comments only", "another title, which nothing that stands reads")


def stood_up(state: Path, plan: Plan) -> Standing:
    """Return an engine on which a plan stands."""
    standing = Standing(state)
    for stack in plan.stacks:
        standing.up(plan, stack)
    return standing


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """The Dales as they stand; previews leave them as they are."""
    return stood_up(tmp_path_factory.mktemp("state"), plan_of(DALES))


def same(standing: Standing, base: Plan, head: Plan) -> int:
    """Compare what the review says of every stack with what the engine says of it; return the number of steps."""
    units = {stack.unit for stack in (*base.stacks, *head.stacks)}
    reviews = {review.stack.name: review for review in compare(base, head, units, TODAY).stacks}
    new = {stack.name: stack for stack in head.stacks}
    for name in sorted({stack.name for stack in base.stacks} | new.keys()):
        outcome = standing.preview(head, new[name]) if name in new else standing.removal(name)
        review = reviews.get(name)
        assert (of_review(review) if review else []) == of_engine(outcome)
        if review and name in new:
            assert review.unchanged_count == untouched(outcome)
    return sum(len(review.steps) for review in reviews.values())


@pytest.mark.parametrize("name", EDITS)
def test_an_edit(name: str, standing: Standing, tmp_path: Path) -> None:
    """After an edit of a file."""
    head = plan_of(edited(tmp_path / "head", *EDITS[name]))

    assert bool(same(standing, plan_of(DALES), head)) == (name not in QUIET)


@pytest.mark.parametrize("name", ["a council moves to another site", "a tenancy ends"])
def test_an_edit_undone(name: str, tmp_path: Path) -> None:
    """The other way round: what the edit leads to stands, and the Dales as they are follow."""
    base = plan_of(edited(tmp_path / "base", *EDITS[name]))

    assert same(stood_up(tmp_path / "state", base), base, plan_of(DALES))


@pytest.mark.parametrize("day", [date(2007, 6, 1), date(2011, 1, 1)], ids=str)
def test_a_date_passes(day: date, standing: Standing) -> None:
    """The same files on another day."""
    assert same(standing, plan_of(DALES), plan_of(DALES, day))


def test_memory_is_changed_in_place(standing: Standing, tmp_path: Path) -> None:
    """Nobody is interrupted for it, and the engine says so too."""
    head = plan_of(edited(tmp_path / "head", *EDITS["an application gets more memory"]))

    reviews = compare(plan_of(DALES), head, {"alston"}, TODAY).stacks

    assert {(s.resource.name, s.effect) for r in reviews for s in r.steps} == {("ledger-application", "in-place")}


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("      backup: {site: vale, every: 1h, keep: {full: 2}}\n", "", ["backups"]),
        ("mirror: {", "mirror: {from: 2009-01-01, ", ["data"]),
    ],
    ids=["the backup goes", "the mirror is put off"],
)
def test_protected_data(old: str, new: str, lost: list[str], standing: Standing, tmp_path: Path) -> None:
    """What would take data away is a loss where the engine refuses to go on because the data is protected."""
    base = plan_of(DALES)
    head = plan_of(edited(tmp_path / "head", (PARTNERSHIP, old, new)))
    [stack] = [stack for stack in head.stacks if stack.name == "dales.ledger.vale"]

    with pytest.raises(Protected):
        standing.preview(head, stack)
    reviews = {r.stack.name: r for r in compare(base, head, {"ledger"}, TODAY).stacks}

    assert [s.resource.name for s in reviews[stack.name].steps if s.effect == "data-loss"] == lost
