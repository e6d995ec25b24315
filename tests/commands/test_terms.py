"""What the definitions say about one council, one year and its costs: explain, calendar, shares."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.cli import main
from moothall.model.resolved import Tenant
from moothall.paths import PROJECT
from moothall.resolve.shares import _divide
from moothall.source import Span


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with the shipped partnerships of LGSS and of Northumberland and Durham."""
    for name in ("lgss", "northumberland-durham"):
        shutil.copytree(PROJECT / "partnerships" / name, tmp_path / "partnerships" / name)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of a command line."""
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


def test_a_value_is_explained_with_what_it_overrode(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The council's own word wins over the partnership's, and that over the default; each with its line."""
    file = root / "partnerships/lgss/councils/cambridgeshire.yaml"
    file.write_text(file.read_text().replace("back-office: {}", "back-office: {session: 30m}"))

    code, out, err = said(capsys, "explain", "cambridgeshire.uses.back-office.session", "--root", str(root))

    line = file.read_text().splitlines().index("    back-office: {session: 30m} # what every tenant there has") + 1
    partnership = (root / "partnerships/lgss/partnership.yaml").read_text().splitlines()
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "cambridgeshire.uses.back-office.session = 30m  "
        f"(council, partnerships/lgss/councils/cambridgeshire.yaml:{line})",
        "  instead of 15m  "
        f"(partnership, partnerships/lgss/partnership.yaml:{partnership.index('        session: 15m') + 1})",
        "  instead of 5m  (default)",
    ]


def test_what_is_resolved_is_what_is_explained(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The module set of a tenant in the plan is the one that explain lists, whoever said it."""
    _, plan, _ = said(capsys, "plan", "--partnership", "lgss", "--format", "json", "--root", str(root))
    _, out, _ = said(
        capsys, "explain", "cambridgeshire.uses.back-office.modules", "--format", "json", "--root", str(root)
    )

    tenants = {tenant["council"]: sorted(tenant["modules"]) for tenant in json.loads(plan)["tenants"]}
    explained = sorted(value["path"].split(".")[3] for value in json.loads(out)["values"])
    assert tenants["cambridgeshire"] == explained
    assert len(explained) == 5


@pytest.mark.parametrize(
    ("path", "hint"),
    [("durham.uses.erq.from", "moothall explain durham.uses.erp.from"), ("durhm", "durham")],
)
def test_a_path_that_is_not_there(path: str, hint: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The nearest one is suggested."""
    code, out, err = said(capsys, "explain", path, "--root", str(root))

    assert (code, out) == (64, "")
    assert hint in err


def test_the_calendar_lists_what_comes_and_what_is_overdue(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What happens by itself is listed once it is ahead; what has to be done stays until it is done."""
    words = ("calendar", "--partnership", "northumberland-durham", "--root", str(root), "--format", "json")

    code, out, _ = said(capsys, *words, "--as-of", "2007-12-01", "--days", "40")
    ahead = [(event["date"], event["what"], event["overdue"]) for event in json.loads(out)["events"]]
    _, later, _ = said(capsys, *words, "--as-of", "2027-12-01", "--days", "40")

    assert code == 0
    assert ahead == [
        ("2007-12-01", "enterprise-recruitment for northumberland in erp begins", False),
        ("2007-12-15", "the data of Geac SmartStream arrives for durham in erp", False),
        ("2008-01-01", "durham in erp begins", False),
        ("2008-01-01", "certificates: the first up from this day renews them, and nothing restarts", False),
    ]
    assert json.loads(later)["summary"] == {"overdue": 3, "ahead": 1}
    assert "County Durham customer relations agreement (crm) is reviewed with information governance of Durham" in later


def test_the_agreement_that_binds_a_council_is_explained(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On which basis its personal data is shared, and who is told of a breach, with the lines that say so."""
    code, out, _ = said(capsys, "explain", "durham.uses.crm.data-sharing", "--root", str(root), "--format", "json")

    values = {value["path"].rsplit(".", 1)[1]: (value["value"], value["level"]) for value in json.loads(out)["values"]}
    assert code == 0
    assert values["basis"] == ("public-task", "partnership")
    assert values["contact"] == ("information governance of Durham", "partnership")
    assert values.keys() == {"agreement", "review", "basis", "contact"}


def test_nothing_is_paid_by_who_pays_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Derwentside's business continuity is free to it, and the others divide the whole cost."""
    _, out, _ = said(capsys, "shares", "--instance", "crm", "--root", str(root), "--format", "json")

    paid = {share["council"]: share["annualCost"] for share in json.loads(out)["shares"]}
    assert paid["derwentside"] == "0.00 GBP"
    assert {paid[council] for council in paid if council != "derwentside"} == {"22500.00 GBP"}


def _tenant(number: int, share: int) -> Tenant:
    return Tenant(f"council-{number}", "erp", (), 256, 300, 8, share, None, None, Span("", 1, 1, 1, 1))


@given(st.integers(0, 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=30).filter(any))
def test_shares_add_up_to_the_penny(pence: int, weights: list[int]) -> None:
    """Nothing is lost or made by rounding, and no part is a penny or more from its exact size."""
    divided = list(_divide(pence, [_tenant(n, weight) for n, weight in enumerate(weights)]))

    assert sum(share.pence for share in divided) == pence
    for share in divided:
        assert abs(share.pence - Fraction(pence * share.share, sum(weights))) < 1


def test_the_calendar_shows_when_certificates_are_renewed(capsys: pytest.CaptureFixture[str]) -> None:
    """Each year's first day within the days asked for, with nobody to do anything by then."""
    words = ("calendar", "--partnership", "lgss", "--root", str(PROJECT), "--format", "json")
    shown = {}
    for day, days in (("2026-11-28", "90"), ("2026-11-28", "20"), ("2026-06-01", "800"), ("2027-01-01", "1")):
        _, out, _ = said(capsys, *words, "--as-of", day, "--days", days)
        events = [event for event in json.loads(out)["events"] if event["what"].startswith("certificates")]
        shown[day, days] = [event["date"] for event in events]
        assert not any(event["due"] or event["overdue"] or event["council"] for event in events)

    assert list(shown.values()) == [["2027-01-01"], [], ["2027-01-01", "2028-01-01"], ["2027-01-01"]]
