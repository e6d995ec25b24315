"""What holds when nobody says otherwise; of the policy, `model.agreed` says it."""

from __future__ import annotations

from moothall.model.written import Tenancy
from moothall.source import Document, Origin

TENANCY = Tenancy(
    modules={},
    memory="256MiB",
    session="5m",  # trytond's own: [session] timeout = 300
    password_length=8,  # trytond's own: [password] length = 8
    share=1,
    recovery_point=None,
    recovery_time=None,
    origin=Origin(Document("defaults", {}, {})),
)

FULL_EVERY = "7d"
"""How often a full backup is taken: weekly, with incremental ones between, as pgBackRest's user guide has it."""
