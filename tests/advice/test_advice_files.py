"""Each failure that comes of what was typed, or of the files, is made; its advice taken, and `up` gets further."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from tests.advice.taking import Operator
from tests.advice.walking import Case, walk
from tests.fakes.provided import Machine

CARLIN = "partnerships/dales/councils/carlin.yaml"
PARTNERSHIP = "partnerships/dales/partnership.yaml"
MIRROR = "      mirror: {site: vale, network: 10.3.1.0/24}\n"
BACKUP = "      backup: {site: vale, every: 1h, keep: {full: 2}}\n"


def edit(at: Operator, file: str, before: str, after: str) -> None:
    """Change a file of the definitions."""
    text = (at.root / file).read_text()
    assert before in text
    (at.root / file).write_text(text.replace(before, after))


def gone(at: Operator, machine: Machine) -> None:
    """The file of a council that stands is gone."""
    author = ["-c", "user.name=x", "-c", "user.email=x@x.test"]
    for words in (["init", "-q"], ["add", "partnerships"], [*author, "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=at.root, check=True)
    (at.root / CARLIN).unlink()


def other_uid(at: Operator, machine: Machine) -> None:
    """A council that stands has another uid now."""
    edit(at, CARLIN, "0a04", "0a99")


def much(at: Operator, machine: Machine) -> None:
    """More would be destroyed than one change may."""
    edit(at, PARTNERSHIP, "spec:\n", "spec:\n  policy: {destroy-at-most: 1}\n")
    (at.root / CARLIN).write_text((at.root / CARLIN).read_text().partition("  uses:")[0])
    at.acts["^undo the change, or allow it"] = lambda text: edit(at, PARTNERSHIP, "at-most: 1", "at-most: 99")


def unbacked(at: Operator, machine: Machine) -> None:
    """A backup target that stands is taken out of the file."""
    edit(at, PARTNERSHIP, BACKUP, "")
    at.acts["^undo that change"] = lambda text: edit(at, PARTNERSHIP, MIRROR, MIRROR + BACKUP)


def elsewhere(at: Operator, machine: Machine) -> None:
    """The command is given in another folder."""
    at.given["FOLDER"] = str(at.root)


def two(at: Operator, machine: Machine) -> None:
    """There are two partnerships, and none stands."""
    fells = at.root / "partnerships/fells"
    shutil.copytree(at.root / "partnerships/dales", fells)
    for file in fells.rglob("*.yaml"):
        text = file.read_text().replace("dales", "fells").replace("5f0f0a", "6f0f0a")
        file.write_text(re.sub(r"\b10\.([0-9]+)", lambda part: f"10.{int(part[1]) + 100}", text))
    shutil.rmtree(at.root / ".moothall")
    machine.engine.objects.clear()
    at.given["NAME"] = "dales"


def unplugged(at: Operator, machine: Machine) -> None:
    """The local engine is said to be another machine's."""
    at.patch.setenv("DOCKER_HOST", "tcp://other:2376")


def no_mapping(at: Operator, machine: Machine) -> None:
    """The file of engines that is named is not there, and none is meant."""
    at.acts["^ls -l "] = lambda text: ["up", "--yes"]


def no_day(at: Operator, machine: Machine) -> None:
    """The day of certificates is none."""
    at.patch.setenv("MOOTHALL_CERTIFICATES_AS_OF", "soon")


def without_pulumi(at: Operator, machine: Machine) -> None:
    """A state elsewhere is asked for, and Pulumi is not installed."""
    at.patch.setenv("MOOTHALL_BACKEND", "s3://states")
    at.patch.setenv("MOOTHALL_PULUMI", str(at.root / "none"))

    def left_out(text: str) -> list[str]:
        at.patch.delenv("MOOTHALL_BACKEND")
        return ["up", "--yes"]

    at.acts["^tools/pulumi/install  # or leave out"] = left_out


def uninstalled(at: Operator, machine: Machine) -> None:
    """Pulumi is asked for, and not installed."""
    at.patch.setenv("MOOTHALL_PULUMI", str(at.root / "none"))
    at.acts["^tools/pulumi/install  # or leave out"] = lambda text: ["up", "--yes"]


def nothing(at: Operator, machine: Machine) -> None:
    """All is well but for what is typed."""


CHECK_NAME = "operations/definitions.py:check_name"
ENGINES = "engines.py:load_engine_mapping"
RUNNER = "operations/stacks/runner.py:chosen_runner"
CASES = {
    "the file of a council is gone": Case(gone, "operations/stacks/deployed.py:leaving_stacks", ["git"]),
    "another uid": Case(other_uid, "operations/stacks/deployed.py:_check_same_councils", ["sed"]),
    "more than the policy allows": Case(much, "operations/stacks/apply.py:_check_allowed", ["undo"]),
    "no backup any more": Case(unbacked, "pulumi_engine/steps/step_plan.py:_check_protection", ["undo"]),
    "two partnerships": Case(two, "operations/planning.py:chosen_plan", ["add"]),
    "another engine's address": Case(unplugged, "engines.py:local", ["export"]),
    "no file of engines": Case(no_mapping, ENGINES, ["ls"], ("--engines", "ROOT/stacks/none.yaml")),
    "a state elsewhere": Case(without_pulumi, RUNNER, ["add", "tools/pulumi/install"]),
    "no Pulumi": Case(uninstalled, "pulumi_cli/installation.py:find", ["tools/pulumi/install"], ("--engine", "pulumi")),
    "no day of certificates": Case(no_day, "settings/variable.py:variable", ["unset"]),
    "another folder": Case(elsewhere, "validation/validate.py:validate", ["add"], ("--root", "ROOT/modules")),
    "a council that is not there": Case(nothing, CHECK_NAME, ["--council"], ("--council", "carlyn")),
    "a partnership that is not there": Case(nothing, CHECK_NAME, ["--partnership"], ("--partnership", "dale")),
    "a form that there is not": Case(nothing, "cli.py:_findings_or_nothing", ["use"], ("--format", "sarif")),
}


@pytest.mark.parametrize("case", CASES)
def test_it_stands_in_the_end(operator: Operator, machine: Machine, case: str) -> None:
    """Whatever it was that failed."""
    found = CASES[case]
    words = [word.replace("ROOT", str(operator.root)) for word in found.words]
    walk(operator, machine, found._replace(words=tuple(words)), "up", "--yes")
