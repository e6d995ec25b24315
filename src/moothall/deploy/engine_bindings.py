"""On which engine each site stands: remembered beside the state, by what the engine says of itself.

An address can be answered by another machine tomorrow. What the state records would be missing there, and would be
made a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from moothall.deploy.local_state import read, write

EngineIdentities = Mapping[str, str]
"""The identity of the engine that answers for each site."""


class ChangedBinding(NamedTuple):
    """A site for which another engine answers than the one that it stands on."""

    site: str
    recorded_engine: str
    answering_engine: str


def changed_bindings(state: Path, partnership: str, identities: EngineIdentities) -> tuple[ChangedBinding, ...]:
    """Return the sites for which another engine answers than the recorded one; sites without a record are left out."""
    record = read(_path(state, partnership))
    return tuple(
        ChangedBinding(site, record[site], identity)
        for site, identity in sorted(identities.items())
        if record.get(site, identity) != identity
    )


def remember(state: Path, partnership: str, identities: EngineIdentities) -> None:
    """Record which engine answers for each site; sites that are not among them stay on record."""
    path = _path(state, partnership)
    write(path, {**read(path), **identities})


def forget(state: Path, partnership: str, sites: Iterable[str]) -> None:
    """Forget sites at which nothing stands any more."""
    forgotten_sites = set(sites)
    path = _path(state, partnership)
    record = read(path)
    if forgotten_sites & record.keys():
        write(path, {site: identity for site, identity in record.items() if site not in forgotten_sites})


def _path(state: Path, partnership: str) -> Path:
    return state / "engines" / f"{partnership}.json"
