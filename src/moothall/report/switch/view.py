"""The view of `failover` and `failback`: the steps and logins as results, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, final

from moothall.model.outcome import CheckResult, Report
from moothall.report.results.view import ResultsView, exit_code
from moothall.report.results.view import view as results_view

KIND = "switch"

_From = TypedDict("_From", {"from": str})


@final
class ServedView(ResultsView):
    """An instance that the site serves already, in the words of `said`: nothing was done."""

    instance: str
    site: str
    said: str


class Measures(_From):
    """An instance that was served at the site `from`, is served at `site` now, and what was measured.

    Times are in seconds and None where they could not be measured: how long nobody was served, when the first and the
    last tenant could log in after the command, and how old the oldest change is that is lost. `since` is ISO 8601.
    """

    instance: str
    site: str
    since: str
    timeline: int
    interruptionSeconds: float | None
    firstLoginSeconds: float | None
    recoveryTimeSeconds: float | None
    agreedRecoveryTimeSeconds: int | None
    recoveryPointSeconds: float | None
    agreedRecoveryPointSeconds: int | None
    lostBytes: int | None
    lostCommits: int | None


@final
class SwitchedView(ResultsView, Measures):
    """A switch that was made, with its results."""


SwitchView = ServedView | SwitchedView


def answer(view: SwitchView) -> Report:
    """Return the switch as an answer; its exit code is 0 only if nothing failed and everything could run."""
    return Report(KIND, view, exit_code(view["results"]))


def served_view(instance: str, site: str, message: str) -> ServedView:
    """Return the view of a switch that was not needed."""
    return {**results_view(()), "instance": instance, "site": site, "said": message}


def switched_view(results: Sequence[CheckResult], measures: Measures) -> SwitchedView:
    """Return the view of a switch that was made."""
    return {**results_view(results), **measures}
