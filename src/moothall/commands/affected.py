"""Name the stacks that a change of the definitions concerns, and why."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from moothall.model.outcome import Answer
from moothall.model.uses import ENGINES, SELECTION, Uses
from moothall.operations.review import compare
from moothall.ports import Progress

HELP = "Name the stacks that differ between two revisions of the definitions, each with the lines that cause it."
USES = Uses((*SELECTION, *ENGINES), formats=("text", "json", "matrix"), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the revisions."""
    compare.arguments(parser, "BASE[..HEAD]")


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the affected stacks, those that go included."""
    view = compare.review(options, progress)
    stacks: Any = view["stacks"]
    shown = [_stack(stack) for stack in stacks]
    return Answer("affected", {"schemaVersion": 1, "base": view["base"], "head": view["head"], "stacks": shown})


def _stack(stack: Mapping[str, Any]) -> dict[str, object]:
    kept = ("stack", "partnership", "council", "site", "change", "agreement", "lines")
    instance = stack["unit"] if stack["kind"] == "instance" else None
    return {**{key: stack[key] for key in kept}, "instance": instance}
