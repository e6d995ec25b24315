"""Check all definitions below a root and list everything that is wrong with them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from moothall.failures import USAGE, Failure
from moothall.model.outcome import Answer
from moothall.pipeline import load
from moothall.report.diagnostics import answer

if TYPE_CHECKING:  # the ports know the plan, which validate has no need to load
    from moothall.ports import Progress

HELP = (
    "Check all definitions below a root and list everything that is wrong, each with its place and the way to mend it."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: validate has no options of its own."""


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the findings.

    Raises Failure for a selection: one council's file cannot be right or wrong without the others.
    """
    if options.partnership or options.council or options.site or options.instance:
        what = "validate checks everything below the root and takes no selection"
        raise Failure(what, mend="moothall validate", exit_code=USAGE)
    loaded = load(options.root)
    return answer(loaded.diagnostics, loaded.files)
