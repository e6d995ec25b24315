"""How the tests are shared out among processes (`pytest -n 2`).

Tests that use the same running thing or the same networks stay in one process, one after the other. The long ones come
first, so that no process is left with one of them when the others have nothing more to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.remote import Producer

# How long a law takes to be tried says nothing about it, and a busy machine is no failure.
settings.register_profile("moothall", deadline=None)
settings.load_profile("moothall")

TOGETHER = {
    "standing": ("live/test_acceptance", "live/test_browser", "live/test_hosts", "live/test_secrets"),
    "change": ("live/test_cutover", "live/test_live_change"),
    "little": ("live/test_attacks", "live/test_sync"),
    "pulumi": (
        "live/test_handover",
        "live/test_events",
        *(f"engine/test_{what}_pulumi" for what in ("conformance", "differences", "remote")),
    ),
    "lab": ("engine/", "attack/", "review/test_same_as_the_engine"),
    "images": ("images/", "leaving/test_live", "plan/test_live", "verify/test_live"),
}
"""Groups by the places in which their tests stand; any other file is a group of its own."""
LONG = (
    "live/test_restore",
    "pulumi",
    "live/test_failover",
    "live/test_leaving",
    "live/test_sealed",
    "live/test_site_move",
    "change",
    "lab",
    "little",
    "live/test_engines",
    "images",
    "standing",
)
"""The groups that take minutes, in the order in which they begin; the whole partnership stands to the end."""


def group(nodeid: str) -> str:
    """Return the group of a test by its id."""
    file = nodeid.partition("::")[0].removeprefix("tests/").removesuffix(".py")
    return next((name for name, places in TOGETHER.items() if file.startswith(places)), file)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long groups first, each in one piece."""
    items.sort(key=lambda item: LONG.index(group(item.nodeid)) if group(item.nodeid) in LONG else len(LONG))


class InGroups(LoadScopeScheduling):
    """A process gets a group at a time."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> InGroups:
    """Share out by groups."""
    return InGroups(config, log)
