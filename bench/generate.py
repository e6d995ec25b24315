"""Write thousands of council files that are right: the same bytes every time, in any number of partnerships.

Every partnership has three sites with links between them, and two instances with mirrors that all its councils use.
Councils are /28s, the smallest that the rules allow; instances are as large as their tenants need.
"""

from __future__ import annotations

import uuid
from ipaddress import IPv4Address
from pathlib import Path

ERP = ("finance", "procurement", "training-administration", "property-management", "time-management")
LATER = ("balanced-scorecard", "enterprise-recruitment", "enterprise-asset-management")
SITES = ("north", "south")
SMALL = 16
"""Addresses of the network of a council, of a link, and of a site's own two."""


def generate(root: Path, councils: int, partnerships: int) -> None:
    """Write `councils` files of councils below `root`, spread evenly over `partnerships`."""
    members = councils // partnerships
    first = int(IPv4Address("10.0.0.0"))
    for number in range(partnerships):
        plan = _Addresses(first, members)
        folder = root / "partnerships" / f"partnership-{number:03}"
        (folder / "councils").mkdir(parents=True)
        (folder / "partnership.yaml").write_text(_partnership(number, plan), encoding="utf-8")
        for member in range(members):
            text = _council(number, member, plan.council(member))
            (folder / "councils" / f"council-{member:05}.yaml").write_text(text, encoding="utf-8")
        first += 2 * plan.space


class _Addresses:
    """Where the networks of one partnership lie: for each site two instances, then councils, then its own two."""

    def __init__(self, first: int, members: int) -> None:
        self.instance = _power_of_two(2 * (3 * members + 6))  # the rule network-full
        self.space = _power_of_two(2 * self.instance + (members + 2) * SMALL)
        self.first = first

    def site(self, site: int) -> str:
        return _cidr(self.first + site * self.space, self.space)

    def of_instance(self, site: int, number: int) -> str:
        return _cidr(self.first + site * self.space + number * self.instance, self.instance)

    def council(self, member: int) -> str:
        first = self.first + member % 2 * self.space + 2 * self.instance
        return _cidr(first + member // 2 * SMALL, SMALL)

    def own(self, site: int, number: int) -> str:
        return _cidr(self.first + (site + 1) * self.space - (number + 1) * SMALL, SMALL)


def _partnership(number: int, plan: _Addresses) -> str:
    name = f"partnership-{number:03}"
    aside = int(IPv4Address("100.64.0.0")) + number * 8 * SMALL
    east = [_cidr(aside, 2 * SMALL), _cidr(aside, SMALL), _cidr(aside + SMALL, SMALL)]
    links = [_cidr(aside + place * SMALL, SMALL) for place in (2, 3, 4)]
    return f"""\
# yaml-language-server: $schema=../../schemas/partnership.schema.json
apiVersion: moothall/v1
kind: Partnership
metadata:
  name: {name}
  uid: {_uid(name)}
  title: Partnership number {number}
spec:
  agreed: 2006-10-01
  domain: {name}.test
  parties: [council-00000, council-00001]
  sites:
    north: {{owner: council-00000, network: {plan.site(0)}, local: {plan.own(0, 0)}, local-access: {plan.own(0, 1)}}}
    south: {{owner: council-00001, network: {plan.site(1)}, local: {plan.own(1, 0)}, local-access: {plan.own(1, 1)}}}
    east: {{owner: council-00000, network: {east[0]}, local: {east[1]}, local-access: {east[2]}, transit: true}}
  links:
    - {{between: [north, south], network: {links[0]}}}
    - {{between: [north, east], network: {links[1]}}}
    - {{between: [east, south], network: {links[2]}}}
  instances:
{_instance("erp", 0, plan, (*ERP, *LATER))}
{_instance("crm", 1, plan, ("customer-relations",))}
"""


def _instance(name: str, site: int, plan: _Addresses, offers: tuple[str, ...]) -> str:
    """Return an instance at one of the two sites, hosted by the site's owner, with mirror and backups at the other."""
    other = SITES[1 - site]
    return f"""\
    {name}:
      host: council-{site:05}
      site: {SITES[site]}
      product: tryton
      network: {plan.of_instance(site, site)}
      published-port: {8443 + site}
      offers: [{", ".join(offers)}]
      mirror: {{site: {other}, network: {plan.of_instance(1 - site, site)}, recovery-point: 60s, recovery-time: 15m}}
      backup: {{site: {other}, every: 1h, keep: {{full: 2}}}}
      data-sharing:
        agreement: Agreement on {name}
        review: 2030-01-01
        basis: public-task
        contact: information governance of council-{site:05}"""


def _council(partnership: int, member: int, network: str) -> str:
    """Return the file of one council; it has modules, dates and a site of its own."""
    name = f"council-{member:05}"
    modules = [module for bit, module in enumerate(ERP) if bit == 0 or member >> bit & 1]
    written = "\n".join(
        f"        {module}: {{from: 2009-{(member + place) % 12 + 1:02}-01}}" if place else f"        {module}: {{}}"
        for place, module in enumerate(modules)
    )
    return f"""\
# yaml-language-server: $schema=../../../schemas/council.schema.json
apiVersion: moothall/v1
kind: Council
metadata:
  name: {name}
  uid: {_uid(f"partnership-{partnership:03}/{name}")}
  title: Council number {member} of partnership {partnership}
spec:
  joined: 2006-10-{member % 28 + 1:02}
  site: {SITES[member % 2]}
  network: {network}
  uses:
    erp:
      from: 2008-01-01 # by when it takes the place of what was there
      modules:
{written}
    crm:
      modules:
        customer-relations: {{}}
  offered: # it may take them later
    erp: [{", ".join(LATER)}]
"""


def _uid(name: str) -> str:
    """Return a uid that is always the same for the same name, and of the version that `uuidgen` makes."""
    return str(uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_URL, name).bytes, version=4))


def _cidr(first: int, size: int) -> str:
    return f"{IPv4Address(first)}/{33 - size.bit_length()}"


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()
