"""Every rule: one file with one id, in one of the rooms here. To add one, write it and describe it in docs/rules.md."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from moothall.diagnostics import Diagnostic
from moothall.language.checks.scope import Scope
from moothall.model.written import Definitions


class Rule(Protocol):
    """The module of a rule, which has the rule's id for its name."""

    RULE: str
    SCOPE: Scope

    def check(self, definitions: Definitions) -> Iterator[Diagnostic]:
        """Yield a finding for everything that breaks the rule."""


def _rules() -> Iterator[Rule]:
    """Yield the rules room by room, each by name: every file in a room is one."""
    for file in sorted(Path(__file__).parent.glob("*/[a-z]*.py")):
        yield cast(Rule, import_module(f"{__name__}.{file.parent.name}.{file.stem}"))


RULES = tuple(_rules())


def check(definitions: Definitions, scope: Scope | None = None) -> Iterator[Diagnostic]:
    """Yield what every rule finds, or every rule of a scope."""
    for rule in RULES:
        if scope in (None, rule.SCOPE):
            yield from rule.check(definitions)
