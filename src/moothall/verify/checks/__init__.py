"""All checks of `verify`, one a module; each makes its tasks from the plan alone, in the order they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from moothall.model.planned import Plan
from moothall.verify.checks import (
    backup,
    certificates,
    clocks,
    cross_tenant,
    external,
    hardening,
    isolation,
    login,
    machine,
    members,
    mirror,
    modules,
    relay_path,
    roles,
    trail,
    waiting,
)
from moothall.verify.task import Task


class Check(Protocol):
    """A module below `checks`: what it proves is said in its docstring."""

    def tasks(self, plan: Plan) -> Iterator[Task]:
        """Yield one task for each thing in the plan that this check looks at."""


CHECKS: tuple[Check, ...] = (
    login,
    modules,
    isolation,
    mirror,
    backup,
    waiting,
    external,
    hardening,
    certificates,
    clocks,
    trail,
)
ISOLATION: tuple[Check, ...] = (isolation, cross_tenant, relay_path, machine, roles, members, certificates)
"""What `verify --isolation` looks at, in its full depth."""
