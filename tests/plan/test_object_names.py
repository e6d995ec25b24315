"""No council can be called so that something of its own has the name of something else, whatever the others are called.

People's names are tried that are made of the words which the program itself puts into names.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.language.checks.test_reserved_roles import roles

from moothall import paths
from moothall.compilation import compile_all
from moothall.language.rules.names.engine_name import is_taken
from moothall.model import filesname
from moothall.model.name import is_name
from moothall.model.planned import Container, Plan
from moothall.validation.validate import validate

DAY = date(2007, 6, 1)
CASE = paths.PROJECT / "tests/cases/valid/two-councils"
CHOSEN = ("dales", "alston", "barton", "hill", "pass", "vale", "ledger")
"""What people have called the partnership, its councils, its sites and its instance."""
LONGEST = 18
"""Longer words are too long where they are joined to others."""
SHARED = "from: 2007-01-01"
DEDICATED = f"{SHARED}\n      dedicated: true\n      networks: {{hill: 10.1.2.0/24, vale: 10.3.2.0/24}}"
"""How the second council uses the instance: on the first one's server, or on one of its own."""
MOST = {"stacks": 100, "containers": 128, "certificates": 64, "databases": 63}
"""Characters of a name at most: Pulumi's, the engine's, of X.509 (RFC 5280) and of PostgreSQL."""
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""A part of a host name (RFC 1123, section 2.1)."""


class Names(NamedTuple):
    """Every name that a plan gives, by what it is given to: each of these is a set of names of its own."""

    stacks: list[str]
    containers: list[str]
    volumes: list[str]
    networks: list[str]
    certificates: list[str]
    places: list[str]
    databases: list[str]


def plan_with(chosen: Iterable[str], use: str = DEDICATED) -> Plan | None:
    """Return the plan of the two councils under other names, None when they are refused."""
    other = dict(zip(CHOSEN, chosen, strict=True))

    def renamed(text: str) -> str:
        return re.sub(rf"\b({'|'.join(CHOSEN)})\b(?!\.test)", lambda found: other[found[1]], text)

    with tempfile.TemporaryDirectory() as folder:
        for file in CASE.rglob("*.yaml"):
            target = Path(folder) / renamed(str(file.relative_to(CASE)))
            target.parent.mkdir(parents=True, exist_ok=True)
            text = file.read_text()
            target.write_text(text if "modules" in file.parts else renamed(text.replace("planned: true", use)))
        result = validate(Path(folder), DAY)
        if any(finding.severity == "error" for finding in result.diagnostics):
            return None
        [plan] = [each for each in compile_all(result.definitions, DAY) if each.partnership == other["dales"]]
        return plan


def containers(plan: Plan) -> list[Container]:
    """Return every container of a plan."""
    return [container for stack in plan.stacks for container in stack.containers]


def names(plan: Plan) -> Names:
    """Return every name in a plan, as often as it is given."""
    made = containers(plan)
    digest = "0" * filesname.DIGITS
    return Names(
        stacks=[stack.name for stack in plan.stacks],
        containers=[name for each in made for name in (each.name, filesname.uploader(each.name))],
        volumes=[volume.name for stack in plan.stacks for volume in stack.volumes]
        + [filesname.volume(each.name, digest) for each in made],
        networks=[network.name for stack in plan.stacks for network in stack.networks],
        certificates=[name for leaf in plan.certificates for name in {leaf.name, *leaf.dns_names}],
        places=[f"{place.network} {alias}" for each in made for place in each.networks for alias in place.aliases],
        databases=[
            f"{instance} {database}"
            for instance in {tenant.instance for tenant in plan.tenants}
            for database in [*(t.database for t in plan.tenants if t.instance == instance), *roles(), "template1"]
        ],
    )


@cache
def words() -> list[str]:
    """Return the words of the program's own in all names that it gives, for who would like to be called so."""
    plan = plan_with(CHOSEN)
    assert plan
    given_names = [
        *(name for kind in names(plan) for name in kind),
        *(key for c in containers(plan) for key in (c.key, c.role)),
    ]
    parts = {part for name in given_names for part in re.split(r"[ .]", name)}
    parts |= {part for word in parts for part in word.split("-")} | {"copy", "cutover", "drill", "files", "before"}
    return sorted(
        word
        for word in {part.replace("_", "-") for part in parts}
        if is_name(word) and len(word) <= LONGEST and word not in CHOSEN
    )


def chosen_names() -> st.SearchStrategy[list[str]]:
    """Make names for everything that people name: words of the program's, joined or as they are, or people's own.

    Those of councils and the instance differ, as do those of sites: all else would be refused.
    """
    word = st.sampled_from([*words(), *CHOSEN])
    joined = st.lists(word, min_size=1, max_size=2).map("-".join).filter(is_name)
    three = st.lists(joined, min_size=3, max_size=3, unique=True)
    return st.tuples(joined, three, three).map(lambda drawn: [drawn[0], *drawn[1][:2], *drawn[2], drawn[1][2]])


def owned(plan: Plan, council: str) -> Iterator[str]:
    """Yield the names of a council's own objects: of its stacks, and of what is labelled as its own."""
    for stack in plan.stacks:
        for each in (*stack.containers, *stack.volumes, *stack.networks):
            if council in (stack.council, getattr(each, "council", None)):
                yield each.name


def test_the_programs_words_are_found() -> None:
    """Otherwise nothing much is tried below."""
    assert {"gateway", "relay", "pg", "agent", "repository", "network", "data", "first-backup", "files"} <= set(words())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chosen_names(), st.sampled_from([SHARED, DEDICATED]))
def test_no_two_things_have_one_name(chosen: list[str], use: str) -> None:
    """What is accepted has names of its own for all that stands, and councils' names lead to what is theirs alone.

    No name is longer than what it is a name of may be called, and all hosts are called as hosts may be.
    """
    plan = plan_with(chosen, use)
    if plan is None:
        return
    for kind, found in names(plan)._asdict().items():
        repeated = [name for name, count in Counter(found).items() if count > 1]
        assert repeated == [], kind
        most = MOST.get(kind)
        assert not most or [name for name in found if len(name.rpartition(" ")[2]) > most] == [], kind
    hosts = {place.partition(" ")[2] for place in names(plan).places} | {*names(plan).certificates}
    assert [host for host in hosts if not all(map(LABEL.fullmatch, host.split("."))) or len(host) > 253] == []
    everything = [*names(plan).containers, *names(plan).volumes, *names(plan).networks]
    for council in {tenant.council for tenant in plan.tenants}:
        own = set(owned(plan, council))
        assert own
        prefix = f"{plan.partnership}.{council}."
        found = {filesname.owner(name) or name for name in everything if name.startswith(prefix)}
        assert {name for name in found if len(name.split(".")) > 3} == own, council


@given(st.sampled_from(words()))
def test_a_council_called_like_a_role_is_refused(word: str) -> None:
    """Of the words that are tried: those that are a role's name."""
    assert is_taken(word) or word.replace("-", "_") not in roles()
