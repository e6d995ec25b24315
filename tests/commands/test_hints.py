"""Every failure says what mends it, and every command of moothall that is advised can be typed as it stands."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from moothall import cli
from moothall.pulumi_engine import errors

SOURCE = Path(cli.__file__).parent
ROOMS = ("commands", "deploy", "docker_engine", "engines.py", "keys", "operations", "pulumi_engine", "verify")
SAMPLES = {
    "_choice(stack)": "--site morpeth",
    "subject.words": "northumberland --instance erp",
    "accept": "--accept-engine morpeth",
    "turn": "failover",
    "drill.kind": "failover",
    "action": "export",
    "options.kind": "failover",
    "options.stack": "dales.alston.hill",
    "stack": "dales.alston.hill",
    "foreign_locks[0][0].parent.name": "dales.alston.hill",
    "'|'.join(SHELLS)": "bash",
    "_action_option(options)": "--undo",
    "(kept_until - context.as_of).days + 1": "30",
}
"""What is filled in, where it is no name; a day stands for all others."""
SAMPLE = "2007-03-31"


def files() -> Iterator[Path]:
    """Yield the files whose failures an operator of these verbs may meet."""
    for path in sorted(SOURCE.rglob("*.py")):
        if path.relative_to(SOURCE).parts[0] in ROOMS:
            yield path


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every making of an OperationError with its place."""
    for path in files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "OperationError":
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", node


def advised() -> Iterator[tuple[str, str]]:
    """Yield each text that begins with a command of moothall, with its place; what is filled in is a sample."""
    for path in files():
        tree = ast.parse(path.read_text())
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            text = "" if id(node) in parts else _text(node)
            if re.match(r"moothall [a-z]+( |$)", text):
                place = f"{path.relative_to(SOURCE)}:{getattr(node, 'lineno', 0)}"
                yield place, text.replace("TIME", SAMPLE).replace("DATE", SAMPLE)


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.FormattedValue):
        return SAMPLES.get(ast.unparse(node.value), SAMPLE)
    return "".join(map(_text, node.values)) if isinstance(node, ast.JoinedStr) else ""


def test_every_failure_says_what_mends_it() -> None:
    """A failure without advice leaves an operator alone at three in the morning."""
    found = list(calls())
    assert len(found) > 40
    silent = [place for place, call in found if not any(word.arg == "hint" for word in call.keywords)]
    assert silent == []


def test_every_error_of_the_engine_says_what_mends_it() -> None:
    """They say it in their classes; what is raised as it is, like a contradiction in a program, is a bug's."""
    for error in errors.EngineError.__subclasses__():
        if error not in (errors.Conflict,):
            assert "hint=" in inspect.getsource(error), error


@pytest.mark.parametrize(("place", "text"), list(advised()), ids=lambda value: value if ".py:" in value else "")
def test_what_is_advised_can_be_typed(place: str, text: str) -> None:
    """The verb is there, and takes these words."""
    verb, *words = shlex.split(text.replace("STACK", SAMPLES["stack"]), comments=True)[1:]
    if words != ["--help"]:
        cli._command(verb)[1].parse_args(words)
