"""The file of a new council, as people here write one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from moothall.model.written import Metadata


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
    from moothall.language.edit.yaml_writer import definition  # where no file is written nobody waits for it

    spec = {"joined": council.joined, "site": council.site, "network": council.network}
    uses = {instance: modules_in_use(modules) for instance, modules in council.uses.items()}
    lists = {key: value for key, value in {"uses": uses, "offered": council.offered}.items() if value}
    text = definition("Council", {**spec, **lists}, Metadata(council.name, council.uid, council.title))
    return f"{modeline}\n{text}" if modeline else text


def modules_in_use(modules: Sequence[str] | None) -> Mapping[str, object]:
    """Return the use of an instance: with modules for as long as the tenancy, or with what every tenant there has."""
    return {"modules": {module: {} for module in modules}} if modules else {}
