"""out-of-bounds: a size or a length of time with which nothing would work, or which limits nothing."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.model.units import mebibytes, seconds
from moothall.model.written import (
    Backup,
    Definitions,
    Drills,
    Exit,
    Folder,
    Instance,
    Mirror,
    Site,
    Tenancy,
)
from moothall.source import Origin, Span

RULE = "out-of-bounds"
SCOPE = Scope.COUNCIL

_Bounded = Exit | Site | Instance | Mirror | Backup | Drills | Tenancy
_ROOM = ("64MiB", "1024TiB")
_LOST = ("0s", "366d")
_AWAY = ("1s", "366d")
_DRILLED = ("1h", "3660d")
_BOUNDS = {
    Exit: {"notice": ("1s", "3660d"), "keep": ("1s", "36600d")},
    Site: {"memory": _ROOM, "storage": _ROOM},
    Instance: {"storage": _ROOM},
    Mirror: {"recovery-point": _LOST, "recovery-time": _AWAY},
    Backup: {"every": ("1m", "366d"), "full-every": ("1h", "366d")},
    Drills: {"failover": _DRILLED, "restore": _DRILLED},
    Tenancy: {
        "memory": ("64MiB", "64GiB"),  # below it trytond does not start; above it, it takes the machine from the server
        "session": ("1m", "12h"),
        "recovery-point": _LOST,
        "recovery-time": _AWAY,
    },
}
"""The least and the most of every size and length of time, by noun and key; docs/rules.md has the same."""


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every such value, of partnerships and councils."""
    for folder in definitions.folders:
        for noun, origin in _nouns(folder):
            for key, bounds in _BOUNDS[type(noun)].items():
                text = getattr(noun, key.replace("-", "_"))
                if text is not None:
                    yield from _check(key, text, bounds, origin.value(key))


def _check(key: str, text: str, bounds: tuple[str, str], span: Span) -> Iterator[Diagnostic]:
    least, most = bounds
    number = mebibytes if least.endswith("B") else seconds
    actual = number(text)
    if not number(least) <= actual <= number(most):
        comparison = f"less than {least}" if actual < number(least) else f"more than {most}"
        yield error(RULE, f'"{key}" is {text}, {comparison}', f"It can be {least} to {most}.", span)


def _nouns(folder: Folder) -> Iterator[tuple[_Bounded, Origin]]:
    """Yield everything that can have such values, and where it stands."""
    partnership = folder.partnership
    if partnership.exit:
        yield partnership.exit, Origin(partnership.origin.document, ("spec", "exit"))
    for site in partnership.sites.values():
        yield site, site.origin
    for instance in partnership.instances.values():
        for part in (instance, instance.mirror, instance.backup, instance.drills, instance.tenants):
            if part:
                yield part, part.origin
    for council in folder.councils:
        for use in council.uses.values():
            yield use.tenancy, use.tenancy.origin
