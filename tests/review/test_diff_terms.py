"""A change of what was agreed that alters no stack: told with both values, its line, and who has to agree."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.review.conftest import Project

from moothall.failures import CHANGES, OK, REFUSED

VALID = Path(__file__).parents[1] / "cases" / "valid"
ALSTON, CARLBY, PARTNERSHIP = "councils/alston.yaml", "councils/carlby.yaml", "partnership.yaml"
TERMS = (
    (PARTNERSHIP, "title: The Dales", "title: Dales", "metadata.title", "alston barton"),
    (PARTNERSHIP, "review: 2008-06-01 # on", "review: 2009-06-01 # on", "spec.review", "alston barton"),
    (PARTNERSHIP, "ends: 2016-10-10", "ends: 2017-10-10", "spec.ends", "alston barton"),
    (PARTNERSHIP, "keep: 365d", "keep: 300d", "spec.exit.keep", "alston barton"),
    (PARTNERSHIP, "Paywell Limited", "Paywell plc", "spec.organisations.paywell.title", "alston barton"),
    (PARTNERSHIP, "pass: {owner: alston", "pass: {owner: barton", "spec.sites.pass.owner", "alston barton"),
    (PARTNERSHIP, "storage: 250GiB", "run-by: carlby, storage: 260GiB", "spec.sites.hill.run-by", "alston carlby"),
    (PARTNERSHIP, "storage: 160", "failure-domain: x, storage: 160", "spec.sites.vale.failure-domain", "barton"),
    (PARTNERSHIP, "memory: 768MiB", "memory: 1GiB", "spec.sites.hill.memory", "alston carlby"),
    (PARTNERSHIP, "capacity: 2", "capacity: 3", "spec.instances.ledger.capacity", "alston barton carlby"),
    (PARTNERSHIP, "Officer, Barton", "Lead, Barton", "spec.instances.people.data-sharing.contact", "alston barton"),
    (PARTNERSHIP, "15m, until", "14m, until", "spec.instances.ledger.mirror.recovery-time", "alston barton carlby"),
    (PARTNERSHIP, "share: 0}", "share: 1}", "spec.instances.ledger.tenants.share", "alston barton carlby"),
    (PARTNERSHIP, "test:65535", "test:443", "spec.external.pay.address", "alston paywell"),
    (PARTNERSHIP, "cost: 400000", "cost: 410000", "spec.shares.ledger.annual-cost", "alston barton carlby"),
    (PARTNERSHIP, "most: 100", "most: 90", "spec.policy.destroy-at-most", "alston barton"),
    (ALSTON, "share: 3", "share: 4", "spec.uses.ledger.share", "alston barton"),
    (ALSTON, "Old Ledger", "Older Ledger", "spec.uses.ledger.replaces.system", "alston"),
    (ALSTON, "until: 2010-01-01", "until: 2011-01-01", "spec.uses.ledger.until", "alston"),
    (
        ALSTON,
        "time-management: {}",
        "time-management: {data-owner: carlby}",
        "spec.uses.people.modules.time-management.data-owner",
        "alston barton carlby",
    ),
    (CARLBY, "recovery-time: 30m", "recovery-time: 40m", "spec.uses.ledger.recovery-time", "alston carlby"),
    (CARLBY, "given: 2008-07-04", "given: 2008-07-03", "spec.notice-given", "alston barton carlby"),
    (CARLBY, "title: Carlby", "title: New Carlby", "metadata.title", "carlby"),
)
"""File, what stands there, what takes its place, the field, and everybody who has to agree once all are made."""


@pytest.fixture
def terms(tmp_path: Path) -> Project:
    """A partnership with all kinds of terms, committed on the branch main."""
    made = Project(tmp_path / "project")
    for case in ("two-councils", "terms-kept"):
        shutil.copytree(VALID / case, made.root, dirs_exist_ok=True)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit("The Dales")
    return made


def test_every_term_is_told(terms: Project) -> None:
    """All of them change at once and nothing that stands does; each says which field, and who is bound by it."""
    for file, old, new, _, _ in TERMS:
        terms.edit(file, old, new)

    view = terms.view("diff", "HEAD", "--detailed-exitcode", code=CHANGES)

    told = {(term["path"].removeprefix("partnerships/dales/"), term["route"]): term for term in view["terms"]}
    assert view["stacks"] == view["planned"] == view["refusals"] == []
    for file, _, _, route, agreement in TERMS:
        assert told[file, route]["agreement"] == agreement.split(), route
    assert len(told) == len(TERMS) + 1  # one of the edits writes two fields


def test_the_whole_text(terms: Project) -> None:
    """At a terminal: old, new, who has to agree, and the line."""
    terms.edit(PARTNERSHIP, "15m, until", "14m, until")
    terms.edit(PARTNERSHIP, "  policy: {destroy-at-most: 100}\n", "")
    terms.edit(CARLBY, "recovery-time: 30m", "share: 2")
    commit = terms.git("rev-parse", "HEAD")[:12]

    folder = "partnerships/dales"

    ran = terms.ask("diff", "HEAD")

    assert (ran.returncode, ran.stderr) == (OK, "")
    assert (
        ran.stdout
        == f"""\
HEAD ({commit}) → the working tree, as of 2008-06-01

Terms
  spec.uses.ledger.share added: 2; needs the agreement of alston, barton, carlby ({folder}/councils/carlby.yaml:15)
  spec.uses.ledger.recovery-time removed: 30m; needs the agreement of alston, carlby \
({folder}/councils/carlby.yaml:15 (as it was))
  spec.instances.ledger.mirror.recovery-time: 15m → 14m; needs the agreement of alston, barton, carlby \
({folder}/partnership.yaml:35)
  spec.policy removed: {{"destroy-at-most": 100}}; needs the agreement of alston, barton \
({folder}/partnership.yaml:74 (as it was))

Nothing that stands changes.
"""
    )


def test_the_comment(terms: Project) -> None:
    """On a pull request: the agreement stands at the top, the terms in a list."""
    terms.edit(PARTNERSHIP, "keep: 365d", "keep: 300d")

    ran = terms.ask("diff", "HEAD", "--format", "markdown")

    assert "\nIt needs the agreement of `alston`, `barton`.\n" in ran.stdout
    place, what = "partnerships/dales/partnership.yaml:11", "spec.exit.keep: 365d → 300d"
    assert f"\n**Terms**\n\n- `{place}` `{what}`, with the agreement of `alston`, `barton`\n" in ran.stdout


def test_no_term_is_blamed_for_a_stack(terms: Project) -> None:
    """A review date beside another network: each is told where it belongs, once."""
    terms.edit(PARTNERSHIP, "ends: 2016-10-10", "ends: 2017-10-10")
    terms.edit(PARTNERSHIP, "every: 5m", "every: 4m")

    view = terms.view("diff", "HEAD")

    causes = {line["route"] for stack in view["stacks"] for line in stack["lines"]}
    assert causes == {"spec.instances.ledger.backup.every"}
    assert [term["route"] for term in view["terms"]] == ["spec.ends"]


def test_a_council_sees_what_it_has_to_agree_to(terms: Project) -> None:
    """Chosen by name, a council hears of terms in the partnership's file that bind it, and of no others."""
    terms.edit(PARTNERSHIP, "15m, until", "14m, until")
    terms.edit(PARTNERSHIP, "storage: 250GiB", "storage: 260GiB")
    terms.edit(ALSTON, "Old Ledger", "Older Ledger")

    view = terms.view("diff", "HEAD", "--council", "carlby")

    assert [term["route"] for term in view["terms"]] == ["spec.instances.ledger.mirror.recovery-time"]


def test_who_answers_for_data_agrees_to_its_loss(terms: Project) -> None:
    """Backups go with their target: beside the host and the site's owner, every tenant is asked, and its data owner."""
    terms.edit(
        PARTNERSHIP, "    paywell: {title: Paywell Limited}", "    paywell: {title: Paywell}\n    trust: {title: T}"
    )
    terms.edit("../../modules/finance/module.yaml", "spec:\n", "spec:\n  personal-data: personal\n")
    sharing = "data-sharing: {agreement: L, review: 2009-01-01, basis: public-task, contact: Alston}"
    terms.edit(PARTNERSHIP, "      capacity: 2\n", f"      capacity: 2\n      {sharing}\n")
    terms.edit(ALSTON, "finance: {}", "finance: {data-owner: trust}")
    terms.commit("A trust answers for it")
    terms.edit(PARTNERSHIP, "      backup: {site: vale, every: 5m, keep: {full: 2}}\n", "")

    view = terms.view("diff", "HEAD", code=REFUSED)

    stacks = [stack for stack in view["stacks"] if any(step["effect"] == "data-loss" for step in stack["steps"])]
    assert [(stack["stack"], stack["agreement"]) for stack in stacks] == [
        ("dales.ledger.vale", ["alston", "barton", "carlby", "trust"])
    ]
