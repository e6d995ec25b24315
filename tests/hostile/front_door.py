"""Commands typed at the front door, and everything that they print held to the judges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.hostile.judges import judge

from moothall import cli
from moothall.failures import BUG, INVALID, USAGE
from moothall.report.renderers import FORMATS, renders

DAY = "2008-06-01"


class Shown(NamedTuple):
    """What came of a command: its exit code, and what it printed."""

    code: int
    out: str
    err: str


Type = Callable[..., Shown]


def forms(verb: str, code: int) -> list[str]:
    """Return the formats that a verb has besides text, and those of findings where these are its answer.

    None, where it did not understand the command: what it says of that has no format.
    """
    if code == USAGE:
        return []
    uses = import_module(f"moothall.commands.{cli.VERBS[verb][0]}.{verb}").USES
    findings = code == INVALID and uses.sound
    return [form for form in FORMATS[1:] if form in uses.formats or (findings and renders("diagnostics", form))]


@pytest.fixture
def type_(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Type:
    """Return what types a command at a root in every format that it has, and holds all of it to the judges.

    What it returns is the text; `text_alone` asks for nothing else. Colours are on: they are the only codes that may
    be there.
    """
    monkeypatch.setattr(cli, "wants_colour", lambda stream, environment: True)
    for variable in ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA", "DOCKER_HOST"):
        monkeypatch.delenv(variable, raising=False)

    def typed(root: Path, *words: str, text_alone: bool = False) -> Shown:
        first = _typed(capsys, root, list(words))
        wrong = list(_complaints("text", first))
        for form in () if text_alone else forms(words[0], first.code):
            shown = _typed(capsys, root, [*words, "--format", form])
            wrong += [f"as {form}: {complaint}" for complaint in _complaints(form, shown)]
        assert wrong == [], "\n".join([" ".join(words), *wrong])
        return first

    return typed


def _typed(capsys: pytest.CaptureFixture[str], root: Path, words: list[str]) -> Shown:
    capsys.readouterr()
    day = [] if "--as-of" in words else ["--as-of", DAY]
    code = cli.main([*words, "--root", str(root), *day])
    return Shown(code, *capsys.readouterr())


def _complaints(form: str, shown: Shown) -> Iterator[str]:
    """Yield what is wrong in either stream; findings stand in the form that was asked for, or as text."""
    if shown.code == BUG:
        yield f"an internal error: {shown.err}"
    yield from (f"stderr: {complaint}" for complaint in judge("text", shown.err))
    if shown.out:
        yield from judge(form if shown.code != INVALID or renders("diagnostics", form) else "text", shown.out)
