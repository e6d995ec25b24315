"""On which engine each site stands: remembered beside the state, by what the engine says of itself.

An address can be answered by another machine tomorrow. What the state records would be missing there, and would be
made a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from moothall.deploy.local_state import read, write

Found = Mapping[str, str]
"""The identity of the engine that answers for each site."""


class Moved(NamedTuple):
    """A site for which another engine answers than the one that it stands on."""

    site: str
    was: str
    now: str


def moved(state: Path, partnership: str, found: Found) -> tuple[Moved, ...]:
    """Return the sites for which another engine answers than the recorded one; without a record nothing is known."""
    recorded = read(_path(state, partnership))
    return tuple(
        Moved(site, recorded[site], now) for site, now in sorted(found.items()) if recorded.get(site, now) != now
    )


def remember(state: Path, partnership: str, found: Found) -> None:
    """Record which engine answers for each site; sites that are not among them stay on record."""
    path = _path(state, partnership)
    write(path, {**read(path), **found})


def forget(state: Path, partnership: str, sites: Iterable[str]) -> None:
    """Forget sites at which nothing stands any more."""
    gone = set(sites)
    path = _path(state, partnership)
    recorded = read(path)
    if gone & recorded.keys():
        write(path, {site: now for site, now in recorded.items() if site not in gone})


def _path(state: Path, partnership: str) -> Path:
    return state / "engines" / f"{partnership}.json"
