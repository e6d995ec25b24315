"""Every view that there is, with anything in each of its texts: no form of it lets a terminal obey, or breaks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints, is_typeddict
from xml.etree import ElementTree

import pytest
from tests.hostile.judges import terminal

from moothall.model.outcome import Report
from moothall.report.diff import view as diff_view
from moothall.report.renderers import RENDERERS, render
from moothall.report.style import Style

EVIL = "\x1b[2J\x9b2J\x01\u202e\u200b\U000e0041"
CHOSEN = {
    "op": "replace",
    "effect": "replace",
    "type": "docker:index/container:Container",
    "status": "failed",
    "severity": "error",
    "fate": "live",
    "trouble": "altered",
    "outcome": "failed",
    "state": "standing",
    "change": "planned",
    "revision": "head",
    "kind": "council",
    "rule": "unknown-site",
}
"""Members that say one of a few words of ours."""
NAMED = {"Revision": diff_view.Revision, "LineView": diff_view.LineView, "StackDiffView": diff_view.StackDiffView}
"""What views name that they import for type checkers alone."""


def filled(kind: Any, member: str = "") -> Any:
    """Return a value of a type, in which every text is EVIL."""
    origin, arguments = get_origin(kind), get_args(kind)
    if is_typeddict(kind):
        own = vars(import_module(kind.__module__))
        hints = get_type_hints(kind, localns=NAMED | own)
        return {name: filled(each, name) for name, each in hints.items()}
    if origin in (Required, NotRequired, Literal):
        return arguments[0] if origin is Literal else filled(arguments[0], member)
    if origin in (Union, UnionType):
        return filled(next(each for each in arguments if each is not NoneType), member)
    if origin in (list, Sequence):
        return [filled(arguments[0], member)]
    if origin is tuple:
        return tuple(filled(each, member) for each in arguments if each is not Ellipsis)
    if origin in (dict, Mapping):
        return {filled(arguments[0]): filled(arguments[1], member)}
    return CHOSEN.get(member, EVIL) if kind in (str, object, Any) else {int: 1, float: 1.0, bool: True}[kind]


def view_of(kind: str, form: str) -> Any:
    """Return a view for a renderer: what its function says that it takes."""
    source = Path(str(import_module(RENDERERS[kind, form]).__file__)).read_text()
    [name] = re.findall(r"def render\(view: (\w+)", source)
    [module] = re.findall(rf"from (\S+) import (?:[^\n(]*|\([^)]*)\b{name}\b", source)
    return filled(getattr(import_module(module), name))


TEXTS = sorted(
    kind for (kind, form), module in RENDERERS.items() if form == "text" and module.endswith(".text") and kind != "text"
)
JUNITS = sorted(kind for kind, form in RENDERERS if form == "junit")


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("kind", TEXTS)
def test_no_text_is_obeyed(kind: str, colour: bool) -> None:
    """By a terminal, whoever wrote it; our own colours stay."""
    text = render(Report(kind, view_of(kind, "text")), "text", Style(colour))
    assert list(terminal.complaints(text)) == []
    assert ("\x1b[" in text) <= colour


@pytest.mark.parametrize("kind", JUNITS)
def test_every_junit_is_xml(kind: str) -> None:
    """Whose characters are few: XML 1.0, section 2.2."""
    ElementTree.fromstring(render(Report(kind, view_of(kind, "junit")), "junit", Style(False)))


LINES = "a\nevil line"


@pytest.mark.parametrize("kind", ["changes", "drift", "repair", "versions", "cutover", "restoration"])
def test_what_states_and_servers_name_stays_in_its_line(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stacks and resources by the files of a state, phases by a job, databases by a server."""
    sides = dict.fromkeys(("debit", "credit"), "1.00")
    ours = dict.fromkeys(
        ("copy", "council", "asked", "reached", "restored", "what", "reason", "waiting", "tenants"), "x"
    )
    monkeypatch.setattr(f"{__name__}.EVIL", LINES)
    monkeypatch.setattr(f"{__name__}.CHOSEN", {**CHOSEN, **sides, **ours})
    text = render(Report(kind, {**view_of(kind, "text"), "tenants": [], "waiting": []}), "text", Style(False))
    assert list(terminal.complaints(text)) == []
