"""How the tests are shared out among processes (`pytest -n 3`).

Tests that use the same running thing or the same networks stay in one process, one after the other. The long ones come
first, so that no process is left with one of them when the others have nothing more to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from tests import once_more
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.remote import Producer

# How long a law takes to be tried says nothing about it, and a busy machine is no failure.
settings.register_profile("moothall", deadline=None)
settings.load_profile("moothall")

TOGETHER = {
    "standing": ("live/standing/",),
    "change": ("live/change/",),
    "little": ("live/test_attacks", "live/test_sync"),
    "pulumi": (
        "live/test_handover",
        "live/test_events",
        "pulumi_cli/",
    ),
    "engine": ("pulumi_engine/",),
    "attack": ("attack/",),
    "images": (
        "images/",
        "operations/offboarding/test_live",
        "plan/test_live",
        "postgres/test_live",
        "verify/test_live",
    ),
}
"""Groups by the places in which their tests stand; any other file is a group of its own."""
LONG = (
    "live/test_failover",
    "live/test_restore",
    "attack",
    "live/test_engines",
    "pulumi",
    "little",
    "change",
    "standing",
    "engine",
    "live/test_sealed",
    "images",
    "live/test_verbs_among_traps",
    "live/test_leaving",
    "live/test_site_move",
    "live/test_own_server",
    "live/test_trail",
    "traps/test_live_kinds",
    "neighbours/test_live_neighbours",
)
"""The groups that take minutes, in the order in which they begin: the longest first."""


WRITTEN = pytest.StashKey[dict[pytest.Item, int]]()
_NEEDS_MORE = re.compile(r"^(pytestmark = \[?\s*|@)pytest\.mark\.(live|pulumi)\b", re.MULTILINE)
"""What a file says whose tests need an engine."""


@cache
def _needs_more(file: str) -> bool:
    path = Path(__file__).parent / f"{file}.py"
    return path.exists() and bool(_NEEDS_MORE.search(path.read_text()))


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0].removeprefix("tests/").removesuffix(".py")


def group(nodeid: str) -> str:
    """Return the group of a test by its id: its file, unless that shares with others what runs."""
    file = _file(nodeid)
    names = (name for name, places in TOGETHER.items() if _needs_more(file) and file.startswith(places))
    return next(names, file)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Remember the order in which tests are written, before pytest-randomly shuffles them in a wrapper of its own."""
    config.stash[WRITTEN] = {item: place for place, item in enumerate(items)}
    return (yield)


class InOrder:
    """Puts the long groups first, each in one piece and in its own order; the others come as they were shuffled.

    The seed is printed; `--randomly-seed` with it gives the same order again.
    """

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Sort."""
        written = config.stash[WRITTEN]
        ordered = sorted((item for item in items if _needs_more(_file(item.nodeid))), key=written.__getitem__)
        ordered.sort(key=lambda item: LONG.index(group(item.nodeid)) if group(item.nodeid) in LONG else len(LONG))
        items[:] = [*ordered, *(item for item in items if not _needs_more(_file(item.nodeid)))]


def pytest_collection(session: pytest.Session) -> None:
    """Sort after pytest-randomly and before pytest puts tests of one fixture together: the last is asked first."""
    session.config.pluginmanager.register(InOrder(), "in-order")


class InGroups(LoadScopeScheduling):
    """A process gets a group at a time."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> InGroups:
    """Share out by groups."""
    return InGroups(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of our own plugin."""
    once_more.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Run tests of outside programs that fail once more."""
    once_more.register(config, group)
