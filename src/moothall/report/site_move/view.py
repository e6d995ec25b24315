"""The view of `site move`: what came of the switches, and how the old site is emptied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from moothall.report.results.view import ResultsView, summary
from moothall.report.switch.view import SwitchedView, SwitchView

KIND = "site-move"

Interruption = TypedDict("Interruption", {"instance": str, "from": str, "site": str, "interruptionSeconds": float})
"""An instance that went from a site to another, and how many seconds nobody was served."""


class SiteMoveView(ResultsView):
    """The results of all switches, their interruptions, and the command that removes the data at the old site."""

    switches: list[Interruption]
    emptyOldSite: str


def view(switches: Sequence[SwitchView], empty_old_site: str) -> SiteMoveView:
    """Return the view of the switches that were made."""
    results = [result for switch in switches for result in switch["results"]]
    return {
        "schemaVersion": 1,
        "results": results,
        "summary": summary(results),
        "switches": [
            interruption for switch in switches if "said" not in switch for interruption in _interruption(switch)
        ],
        "emptyOldSite": empty_old_site,
    }


def _interruption(switch: SwitchedView) -> list[Interruption]:
    """Return the interruption, if it could be measured."""
    if switch["interruptionSeconds"] is None:
        return []
    return [
        {
            "instance": switch["instance"],
            "from": switch["from"],
            "site": switch["site"],
            "interruptionSeconds": switch["interruptionSeconds"],
        }
    ]
