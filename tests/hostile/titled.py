"""A small partnership, sound as it is, with one text wherever people write words of their own."""

from __future__ import annotations

import json
import re
from itertools import cycle
from pathlib import Path

from tests.hostile.strings import STRINGS

from moothall.model.characters import UNSEEN

_FILES = {
    "partnerships/dales/partnership.yaml": """\
apiVersion: moothall/v1
kind: Partnership
metadata: {name: dales, uid: 5f0f0a52-44a2-4a5e-9d0c-5a0f5f0f0a01, title: TEXT}
spec:
  agreed: 2006-10-10
  review: 2007-10-10
  domain: dales.test
  parties: [alston, barton]
  organisations:
    paywell: {title: TEXT}
  sites:
    hill: {owner: alston, network: 10.1.0.0/16, local: 10.1.0.0/24, local-access: 10.1.255.0/24}
    vale: {owner: barton, network: 10.3.0.0/16, local: 10.3.0.0/24}
  links:
    - {between: [hill, vale], network: 10.99.9.0/24}
  instances:
    ledger:
      title: TEXT
      host: alston
      site: hill
      product: tryton
      network: 10.1.1.0/24
      published-port: 8443
      offers: [finance, procurement]
      data-sharing: {agreement: TEXT, review: 2007-01-01, basis: public-task, contact: TEXT}
      mirror: {site: vale, network: 10.3.1.0/24, recovery-point: 60s, recovery-time: 15m}
      backup: {site: vale, every: 1h, keep: {full: 2}}
  external:
    pay:
      title: TEXT
      provider: paywell
      offers: [payroll]
      data-sharing: {agreement: TEXT, review: 2009-01-01, basis: public-task, contact: TEXT}
  shares:
    ledger: {annual-cost: 400000 GBP}
  waivers:
    - {rule: single-point-of-failure, reason: TEXT, until: 2007-10-10}
    - {rule: review-overdue, reason: TEXT, until: 2009-10-10}
""",
    "partnerships/dales/councils/alston.yaml": """\
apiVersion: moothall/v1
kind: Council
metadata: {name: alston, uid: 5f0f0a52-44a2-4a5e-9d0c-5a0f5f0f0a02, title: TEXT}
spec:
  joined: 2006-10-10
  site: hill
  network: 10.1.8.0/24
  uses:
    ledger:
      from: 2007-01-01
      replaces: {system: TEXT, data: 2006-11-01}
      modules:
        finance: {}
        procurement: {from: 2009-01-01}
    pay: {modules: {payroll: {}}}
""",
    "partnerships/dales/councils/barton.yaml": """\
apiVersion: moothall/v1
kind: Council
metadata: {name: barton, uid: 5f0f0a52-44a2-4a5e-9d0c-5a0f5f0f0a03, title: TEXT}
spec:
  joined: 2006-10-10
  leaves: 2009-01-01
  site: vale
  network: 10.3.8.0/24
  uses:
    ledger: {from: 2007-01-01, modules: {finance: {}}}
  waivers:
    - {rule: leaving-without-notice, reason: TEXT, until: 2009-10-10}
""",
    "modules/finance/module.yaml": """\
apiVersion: moothall/v1
kind: Module
metadata: {name: finance, title: TEXT}
spec: {service: finance, personal-data: personal, tryton: {modules: [account], proof-model: account.move}}
""",
    "modules/procurement/module.yaml": """\
apiVersion: moothall/v1
kind: Module
metadata: {name: procurement, title: TEXT}
spec: {service: procurement, tryton: {modules: [purchase], proof-model: purchase.purchase}}
""",
    "modules/payroll/module.yaml": """\
apiVersion: moothall/v1
kind: Module
metadata: {name: payroll, title: TEXT}
spec: {service: pay, personal-data: personal, provided: outside}
""",
}
ACTIVE = """\
apiVersion: moothall/v1
kind: Active
spec:
  instances:
    ledger: {site: vale, since: "2008-05-31T03:14:15Z", timeline: 2, why: TEXT}
"""
_LONGEST_TITLE = 120
_FORBIDDEN = re.compile(f"[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff{UNSEEN}]")
ALLOWED = [name for name, text in STRINGS.items() if len(text) <= _LONGEST_TITLE and not _FORBIDDEN.search(text)]
"""The strings that may be a title."""
REFUSED = [name for name in STRINGS if name not in ALLOWED]


PLACES = sum(content.count("TEXT") for content in _FILES.values())
"""How many texts there are."""


def define(root: Path, *texts: str, active: bool = False) -> Path:
    """Write the definitions below a root and return it; with `active` the instance is failed over.

    Of several texts one after another is written, and the first again after the last.
    """
    files = {**_FILES, "partnerships/dales/active.yaml": ACTIVE} if active else _FILES
    text = cycle(texts)
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        filled = re.sub("TEXT", lambda place: scalar(next(text)), content)
        (root / path).write_text(filled, encoding="utf-8")
    return root


def scalar(text: str) -> str:
    """Return a text as YAML writes it in double quotes."""
    return json.dumps(text)
