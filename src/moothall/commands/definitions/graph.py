"""Draw a partnership: its sites, links, instances, copies and councils, and who reaches what."""

from __future__ import annotations

import argparse

from moothall.failures import USAGE, OperationError
from moothall.model.outcome import Report
from moothall.model.uses import Uses
from moothall.operations.context import Context
from moothall.operations.definitions import valid_definitions
from moothall.report.graph.view import answer

HELP = "Draw a partnership on the day: sites, links, instances with their copies, and who reaches what."
USES = Uses(("partnership",), formats=("text", "json", "mermaid", "dot", "svg"), sound=True)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: graph has no options of its own."""


def parse(namespace: argparse.Namespace) -> None:
    """Return nothing."""


def run(options: None, context: Context) -> Report:
    """Return what is to be drawn; OperationError when there are several partnerships to choose from."""
    from moothall.resolve import resolve

    validation = valid_definitions(context)
    folders = [f for f in validation.definitions.folders if context.partnership in (None, f.partnership.metadata.name)]
    if len(folders) != 1:
        names = ", ".join(sorted(folder.partnership.metadata.name for folder in folders)) or "none"
        raise OperationError(f"which partnership? There is {names}", hint="add --partnership NAME", exit_code=USAGE)
    return answer(resolve(folders[0], validation.definitions.modules, context.as_of), folders[0])
