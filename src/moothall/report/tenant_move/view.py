"""The view of `tenant move`: where the tenant's data is, what was carried, and what is kept where it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from moothall.model.planned import TenantPlan

KIND = "tenant-move"
MOVED, THERE, UNDONE, FORGOTTEN = "moved", "there", "undone", "forgotten"


class TenantMoveView(TypedDict):
    """A council's tenant of an instance: `server` is the one that the definitions have it on, `former` the other.

    `outcome` is `moved`, `there` (nothing was to be carried), `undone` or `forgotten`. `rows` were carried, and nobody
    of the council could work for `interruptionSeconds`; both are None where nothing was carried. `waiting` says who
    cannot log in yet, `kept` which databases of the tenant the former server has, `forgotten` what was removed there.
    """

    schemaVersion: int
    partnership: str
    council: str
    instance: str
    server: str
    former: str | None
    outcome: str
    rows: int | None
    interruptionSeconds: float | None
    waiting: list[str]
    kept: list[str]
    forgotten: list[str]


def view(
    partnership: str,
    tenant: TenantPlan,
    former: str | None,
    outcome: str,
    *,
    kept: Sequence[str],
    rows: int | None,
    seconds: float | None,
    waiting: list[str],
    forgotten: Sequence[str],
) -> TenantMoveView:
    """Return the view of what came of a move of a tenant."""
    return {
        "schemaVersion": 1,
        "partnership": partnership,
        "council": tenant.council,
        "instance": tenant.used,
        "server": tenant.instance,
        "former": former,
        "outcome": outcome,
        "rows": rows,
        "interruptionSeconds": seconds,
        "waiting": waiting,
        "kept": list(kept),
        "forgotten": list(forgotten),
    }
