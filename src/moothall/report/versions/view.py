"""The view of `state history`: the old versions of states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from moothall.pulumi_engine.state.history import Version

KIND = "versions"


class VersionView(TypedDict):
    """One version, when (RFC 3339) and by what operation it was made, how that ended, and its file."""

    number: int
    time: str
    reason: str
    result: str
    file: str


class StackVersionsView(TypedDict):
    """The versions of one stack, the newest first."""

    stack: str
    versions: list[VersionView]


class VersionsView(TypedDict):
    """The stacks that were asked for."""

    schemaVersion: int
    stacks: list[StackVersionsView]


def view(stacks: Mapping[str, Iterable[Version]]) -> VersionsView:
    """Return the view of the versions of each stack."""
    return {
        "schemaVersion": 1,
        "stacks": [{"stack": name, "versions": [_version(v) for v in versions]} for name, versions in stacks.items()],
    }


def _version(version: Version) -> VersionView:
    return {
        "number": version.number,
        "time": version.time,
        "reason": version.reason,
        "result": version.result,
        "file": str(version.path),
    }
