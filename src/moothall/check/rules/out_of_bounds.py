"""out-of-bounds: a size or a length of time with which nothing would work, or which limits nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from moothall.check.finding import error
from moothall.diagnostics import Diagnostic
from moothall.model.units import mebibytes, seconds
from moothall.model.written import Definitions, Folder, Instance, Tenancy
from moothall.source import Origin, Span

RULE = "out-of-bounds"

_SIZES = {
    "memory": ("64MiB", "64GiB"),  # below it trytond does not start; above it, it takes the machine from the server
    "storage": ("64MiB", "1024TiB"),
}
_TIMES = {
    "session": ("1m", "12h"),
    "recovery-point": ("0s", "366d"),
    "recovery-time": ("1s", "366d"),
    "every": ("1m", "366d"),
    "full-every": ("1h", "366d"),
    "failover": ("1h", "3660d"),
    "restore": ("1h", "3660d"),
    "notice": ("1s", "3660d"),
    "keep": ("1s", "36600d"),
}
"""The least and the most of every size and length of time, by key; docs/rules.md has the same."""


class _Value(NamedTuple):
    key: str
    text: str
    span: Span


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every such value, of partnerships and councils."""
    for folder in definitions.folders:
        for value in _values(folder):
            sizes = value.key in _SIZES
            least, most = (_SIZES if sizes else _TIMES)[value.key]
            number = mebibytes if sizes else seconds
            written = number(value.text)
            if not number(least) <= written <= number(most):
                beyond = f"less than {least}" if written < number(least) else f"more than {most}"
                summary = f'"{value.key}" is {value.text}, {beyond}'
                yield error(RULE, summary, f"It can be {least} to {most}.", value.span)


def _values(folder: Folder) -> Iterator[_Value]:
    partnership = folder.partnership
    terms = Origin(partnership.origin.document, ("spec", "exit"))
    yield from _of(partnership.exit, terms, "notice", "keep")
    for site in partnership.sites.values():
        yield from _of(site, site.origin, "storage")
    for instance in partnership.instances.values():
        yield from _of_instance(instance)
    for council in folder.councils:
        for use in council.uses.values():
            yield from _of_tenancy(use.tenancy)


def _of_instance(instance: Instance) -> Iterator[_Value]:
    yield from _of(instance, instance.origin, "storage")
    for part, keys in (
        (instance.mirror, ("recovery-point", "recovery-time")),
        (instance.backup, ("every", "full-every")),
        (instance.drills, ("failover", "restore")),
    ):
        if part:
            yield from _of(part, part.origin, *keys)
    if instance.tenants:
        yield from _of_tenancy(instance.tenants)


def _of_tenancy(tenancy: Tenancy) -> Iterator[_Value]:
    yield from _of(tenancy, tenancy.origin, "memory", "session", "recovery-point", "recovery-time")


def _of(noun: object, origin: Origin, *keys: str) -> Iterator[_Value]:
    """Yield the values of a noun under keys of its own, as far as they are written."""
    for key in keys:
        text = getattr(noun, key.replace("-", "_"), None)
        if text is not None:
            yield _Value(key, text, origin.value(key))
