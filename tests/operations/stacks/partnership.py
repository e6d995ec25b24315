"""The smallest partnership in which `up` makes, changes, replaces and takes down: one site and two councils."""

from __future__ import annotations

from pathlib import Path

from tests.fakes import dales

DATA = "dales.ledger.hill.data"
"""The volume in which everybody's data is."""
APPLICATION = "dales.alston.hill.ledger-application"
SITE, INSTANCE, STAYS, LEAVES = "dales.hill", "dales.ledger.hill", "dales.alston.hill", "dales.carlin.hill"
PORT, OTHER_PORT = 8443, 8444
_PARTNERSHIP = """\
apiVersion: moothall/v1
kind: Partnership
metadata:
  name: dales
  uid: 5f0f0a52-44a2-4a5e-9d0c-5a0f5f0f0a01
  title: The Dales
spec:
  agreed: 2006-10-10
  domain: dales.test
  parties: [alston]
  sites:
    hill: {owner: alston, network: 10.1.0.0/16, local: 10.1.0.0/24, local-access: 10.1.255.0/24}
  instances:
    ledger:
      host: alston
      site: hill
      product: tryton
      network: 10.1.1.0/24
      published-port: PORT
      offers: [finance, procurement]
"""


def define(root: Path, port: int) -> None:
    """Write the definitions below a root; carlin, who leaves, is a party of nothing."""
    dales.define(root)
    folder = root / "partnerships" / "dales"
    (folder / "partnership.yaml").write_text(_PARTNERSHIP.replace("PORT", str(port)))
    (folder / "councils" / "barton.yaml").unlink()
