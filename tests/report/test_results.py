"""Results as JSON, text and JUnit."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, SKIPPED, CheckResult
from moothall.report.results import junit as results_junit
from moothall.report.results import text as results_text
from moothall.report.results.view import answer
from moothall.report.style import Style

RESULTS = (
    CheckResult("login.durham.erp", "Durham logs in", PASSED, "logged in", 0.25),
    CheckResult("backup.erp", "ERP is backed up", FAILED, "none <at> all & nothing\x07", 1.5, hint="moothall up"),
    CheckResult("mirror.erp", "ERP is mirrored", COULD_NOT_RUN, "no container"),
    CheckResult("login.n.crm", "N logs in", SKIPPED, "planned"),
)


def test_the_view_counts_every_outcome() -> None:
    """Also those of which there are none."""
    view = answer(RESULTS[:1]).view
    assert view["summary"] == {"passed": 1, "failed": 0, "could-not-run": 0, "skipped": 0}
    assert view["schemaVersion"] == 1


def test_a_mend_is_there_only_where_there_is_one() -> None:
    """The other members always are."""
    good, bad = answer(RESULTS[:2]).view["results"]  # type: ignore[misc]
    assert set(good) == {"id", "subject", "status", "detail", "seconds"}
    assert set(bad) - set(good) == {"hint"}


@pytest.mark.parametrize(("result", "code"), list(zip(RESULTS, (0, 1, 1, 0), strict=True)))
def test_the_exit_code_is_good_only_if_all_is_proved(result: CheckResult, code: int) -> None:
    """What could not be looked at is not proved."""
    assert answer([result, RESULTS[0]]).exit_code == code


def test_junit_is_well_formed_and_complete() -> None:
    """Counts agree with the cases, and hostile characters do no harm."""
    suite = ElementTree.fromstring(results_junit.render(answer(RESULTS).view, Style(False)))
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "4", "failures": "1", "errors": "1", "skipped": "1"}
    assert len(suite.findall("testcase")) == 4
    failure = suite.find("testcase[@name='backup.erp']/failure")
    assert failure is not None
    assert failure.get("message") == "none <at> all & nothing\ufffd"


def test_the_text_names_what_is_wrong_and_the_mend() -> None:
    """And ends with the counts."""
    text = results_text.render(answer(RESULTS).view, Style(False))
    assert "failed        ERP is backed up  (1.5 s)\n              none <at> all & nothing\ufffd\n" in text
    assert "hint: moothall up" in text
    assert text.endswith("1 passed, 1 failed, 1 could not run, 1 skipped\n")
