"""The interface of a command."""

from __future__ import annotations

import argparse
from typing import Any, Protocol

from moothall.model.outcome import Report
from moothall.model.uses import Uses
from moothall.operations.context import Context


class Command(Protocol):
    """A module below `commands`: its own options, made typed once, and the work; nothing is printed."""

    HELP: str
    USES: Uses

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options to its parser."""

    def parse(self, namespace: argparse.Namespace) -> Any:
        """Return the command's own options, a frozen value that nobody else reads; None where it has none."""

    def run(self, options: Any, context: Context) -> Report:
        """Do the work."""
