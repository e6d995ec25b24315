"""The failover drill with what runs: the mirror's site takes over, and hands back."""

from __future__ import annotations

from moothall.failures import Inconclusive, OperationError
from moothall.model.outcome import COULD_NOT_RUN, CheckResult
from moothall.operations.context import Context
from moothall.operations.drill.measurement import Measurement
from moothall.operations.not_done import not_done
from moothall.operations.restore.subject import Subject
from moothall.operations.switchover import switchover_context
from moothall.operations.switchover.failback import failback
from moothall.operations.switchover.failover import FailoverOptions, failover
from moothall.operations.switchover.server import PRIMARY, STANDBY
from moothall.operations.switchover.switchover_context import SwitchOptions, SwitchoverContext
from moothall.report.switch.view import SwitchView

_UNTOUCHED = "Nothing was touched."
_CATCH_UP_SECONDS = 30.0
"""How long a standby may take to stream: it may have been started a moment ago."""


def fail_over_and_back(context: Context, subject: Subject, confirmed_name: str | None) -> Measurement:
    """Fail over and fail back; what counts is the way there, which stays measured where there is none back.

    Raises OperationError where the instance is not at home and mirrored, or cannot be failed over.
    """
    _require_mirrored_at_home(switchover_context.load(context, subject.instance))
    there = failover(context, FailoverOptions(subject.instance, yes=True, confirm=confirmed_name, why="a drill"))
    results = _results("there", there)
    try:
        results += _results("back", failback(context, SwitchOptions(subject.instance, True, confirmed_name)))
    except OperationError as failure:
        results += (not_done(f"back.{subject.instance}", f"{subject.instance} is at home again", failure),)
    if "said" in there:
        detail = f"{there['said']}: there was nothing to measure"
        subject_text = f"{subject.instance} is failed over"
        return Measurement(
            None, None, (CheckResult(f"there.{subject.instance}", subject_text, COULD_NOT_RUN, detail), *results)
        )
    return Measurement(there["recoveryTimeSeconds"], there["recoveryPointSeconds"], results)


def _require_mirrored_at_home(switchover: SwitchoverContext) -> None:
    """Raise OperationError where a failover would not be one, or would lose what the mirror has not: for no drill."""
    mirror, name = switchover.mirror, switchover.mirror.instance
    for site in (mirror.primary_site, mirror.site):
        if site in switchover.silent:
            raise switchover_context.silent_site_error(switchover, site)
    if mirror.active:
        what = f"{name} is failed over to {mirror.active.site} since {mirror.active.since}; a drill begins at home"
        raise OperationError(what, state=_UNTOUCHED, hint=f"moothall failback {name}")
    if switchover.states[mirror.primary_site].role != PRIMARY:
        return  # the failover says what is to be done, or goes on from where an earlier one was killed
    if switchover.states[mirror.site].role != STANDBY:
        what = f"the server at {mirror.site} is {switchover.states[mirror.site].role}: a drill would lose changes"
        raise OperationError(what, state=_UNTOUCHED, hint=f"moothall failback {name}")
    try:
        switchover.servers[mirror.primary_site].wait(
            lambda state: state.follower == "streaming", "has no standby that streams", _CATCH_UP_SECONDS
        )
    except Inconclusive as reason:
        what = f"a drill would lose changes: {reason}"
        raise OperationError(what, state=_UNTOUCHED, hint=f"moothall verify --instance {name}") from reason


def _results(way: str, switch: SwitchView) -> tuple[CheckResult, ...]:
    """Return the results of one way; the terms are held up by the drill itself."""
    return tuple(
        CheckResult(
            f"{way}.{each['id']}",
            each["subject"],
            each["status"],
            each["detail"],
            each["seconds"],
            hint=each.get("hint", ""),
        )
        for each in switch["results"]
        if not each["id"].startswith("recovery-")
    )
