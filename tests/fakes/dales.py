"""A partnership with one mirrored instance and two tenants of it, and what is in their databases."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from tests.fakes.postgres import Cluster, Database

DAY = date(2008, 6, 1)
"""A day on which both councils are members."""
GONE = date(2009, 6, 1)
"""A day on which carlin has left."""
BASE = Path(__file__).parents[1] / "cases" / "valid" / "two-councils"
PRIMARY, STANDBY = "dales.ledger.hill.postgres", "dales.ledger.vale.postgres"
OLD, NEW = ("old", "2008-01-01T09:00:00"), ("new", "2008-05-31T09:00:00")
CARLIN = """\
apiVersion: moothall/v1
kind: Council
metadata:
  name: carlin
  uid: 5f0f0a52-44a2-4a5e-9d0c-5a0f5f0f0a04
  title: Carlin Council
spec:
  joined: 2006-10-10
  leaves: 2009-01-01
  site: hill
  network: 10.1.9.0/24
  uses:
    ledger:
      from: 2007-01-01
      modules:
        finance: {}
"""


def define(root: Path) -> None:
    """Write the definitions below a root."""
    shutil.copytree(BASE, root, ignore=shutil.ignore_patterns(".moothall"), dirs_exist_ok=True)
    (root / "partnerships/dales/councils/carlin.yaml").write_text(CARLIN)


def cluster(*rows: tuple[str, str]) -> Cluster:
    """Return a cluster in which both tenants have these rows, each under the name of its own."""
    databases = {name: Database("postgres") for name in ("postgres", "template0", "template1")}
    roles = {}
    for council in ("alston", "carlin"):
        entries = [(f"{text} of {council}", moment) for text, moment in rows]
        databases[council] = Database(council, {"party_party": entries}, {7: f"letter of {council}"}, guests=2)
        roles[council] = ""
    return Cluster(databases, roles)
