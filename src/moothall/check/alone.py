"""Rules that look at one council at a time: what has been found right once need not be looked at again.

What such a rule finds about a council depends on the council's file, the partnership's, the module catalogue, the day
and the names of the other councils. All other rules look at everything every time. A rule that is not listed here is
only slower; one that is listed wrongly fails `tests/check/test_alone.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from moothall.check import known
from moothall.check.rules import RULES
from moothall.diagnostics import Diagnostic
from moothall.model.written import Council, Definitions, Folder

_IDS = frozenset(
    (
        "cut-over-before-data",
        "dates-out-of-order",
        "engine-name",
        "file-name",
        "leaving-without-notice",
        "module-needs",
        "module-not-offered",
        "network-host-bits",
        "network-not-contained",
        "network-reserved",
        "network-too-small",
        "no-modules",
        "no-route",
        "out-of-bounds",
        "recovery-point-unreachable",
        "recovery-time-unreachable",
        "setting-without-effect",
        "single-point-of-failure",
        "unknown-council",
        "unknown-instance",
        "unknown-module",
        "unknown-site",
    )
)
ALONE = tuple(rule for rule in RULES if rule.RULE in _IDS)
TOGETHER = tuple(rule for rule in RULES if rule.RULE not in _IDS)


def alone(definitions: Definitions, looked_at: Callable[[Council], bool]) -> Iterator[Diagnostic]:
    """Yield what the rules for one council find about partnerships, modules and the councils that are looked at."""
    some = only(definitions, looked_at)
    for rule in ALONE:
        yield from rule.check(some)


def together(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield what all other rules find."""
    for rule in TOGETHER:
        yield from rule.check(definitions)


def only(definitions: Definitions, looked_at: Callable[[Council], bool]) -> Definitions:
    """Return the definitions with nothing but the names of the councils that are not looked at."""
    return definitions._replace(folders=tuple(_only(folder, looked_at) for folder in definitions.folders))


def _only(folder: Folder, looked_at: Callable[[Council], bool]) -> Folder:
    return folder._replace(councils=tuple(filter(looked_at, folder.councils)), unread=known.councils(folder))
