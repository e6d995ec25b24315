"""What the job was asked for: /cfg/tenant.json and the secrets beside it."""

import json
from dataclasses import dataclass, field
from pathlib import Path

CFG = Path("/cfg")


class Refused(Exception):
    """The job cannot go on; the text says why, in one line."""


@dataclass(frozen=True)
class Wanted:
    """A tenant as it shall be. `tenant` names its database and its role."""

    tenant: str
    modules: list[str]
    admin_email: str
    database_password: str = field(repr=False)
    admin_password: str = field(repr=False)


def read() -> Wanted:
    """Read what is wanted. Raises `Refused` when a file or a member is missing."""
    try:
        asked = json.loads((CFG / "tenant.json").read_text())
        return Wanted(
            tenant=asked["tenant"],
            modules=asked["modules"],
            admin_email=asked["admin_email"],
            database_password=(CFG / "database-password").read_text().strip(),
            admin_password=(CFG / "admin-password").read_text().strip(),
        )
    except (OSError, ValueError, KeyError) as error:
        raise Refused(f"/cfg is not complete: {type(error).__name__} {error}") from error
