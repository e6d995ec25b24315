"""The file of a new council, as people here write one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from moothall.edit.wording import written

_WIDEST = 100
"""Characters of a list in brackets; a longer one stands on lines of its own."""


class NewCouncil(NamedTuple):
    """What is known of a council that joins.

    `uses` has the modules by instance, None for those that every tenant there has; `offered` those it may take later.
    """

    name: str
    uid: str
    title: str
    joined: date
    site: str
    network: str
    uses: Mapping[str, Sequence[str] | None]
    offered: Mapping[str, Sequence[str]]


def council_file(council: NewCouncil, modeline: str) -> str:
    """Return the text of the file; `modeline` is its first line, empty for none."""
    lines = [
        *([modeline] if modeline else []),
        "apiVersion: moothall/v1",
        "kind: Council",
        "metadata:",
        f"  name: {written(council.name)}",
        f"  uid: {council.uid}",
        f"  title: {written(council.title)}",
        "spec:",
        f"  joined: {council.joined}",
        f"  site: {written(council.site)}",
        f"  network: {written(council.network)}",
        *_uses(council.uses),
        *_offered(council.offered),
    ]
    return "\n".join(lines) + "\n"


def _uses(uses: Mapping[str, Sequence[str] | None]) -> Iterator[str]:
    if uses:
        yield "  uses:"
    for instance, modules in uses.items():
        if not modules:
            yield f"    {written(instance)}: {{}}"
            continue
        yield from (f"    {written(instance)}:", "      modules:")
        yield from (f"        {written(module)}: {{}}" for module in modules)


def _offered(offered: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if offered:
        yield "  offered:"
    for instance, modules in offered.items():
        line = f"    {written(instance)}: {written(modules)}"
        if len(line) <= _WIDEST:
            yield line
            continue
        yield f"    {written(instance)}:"
        yield from (f"      - {written(module)}" for module in modules)
