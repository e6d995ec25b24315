"""The shipped partnership with as many tenants of its CRM as are wanted: more districts, copies of Teesdale's file."""

from __future__ import annotations

import uuid
from pathlib import Path

from tests.live.helpers.running import Place, join, small, whole

SMALL, WHOLE = 2, 9
"""How many tenants the ERP has in the partnership that has nothing else, and the CRM in the shipped one."""
MOST = 100
_PLACE = "switch"
_FIRST = 40
"""The third octet of the first further council's network; those of the shipped ones are smaller."""


def place(root: Path, tenants: int) -> tuple[Place, str]:
    """Write a partnership below `root` and return it with its instance of that many tenants: 2, or 9 and more."""
    if tenants == SMALL:
        return small(root, _PLACE), "erp"
    if not WHOLE <= tenants <= MOST:
        raise SystemExit(f"{tenants} tenants: {SMALL}, or {WHOLE} to {MOST}")
    found = whole(root, _PLACE)
    for number in range(tenants - WHOLE):
        council = f"district-{number + 1:02}"
        join(found, council, found.own(f"10.30.{_FIRST + number}.0/24"), _uid(council))
    return found, "crm"


def _uid(name: str) -> str:
    """Return a uid that is always the same for the same name, and of the version that `uuidgen` makes."""
    return str(uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_URL, name).bytes, version=4))
