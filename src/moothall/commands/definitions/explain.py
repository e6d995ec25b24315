"""Show where every value of a council comes from."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from moothall.failures import USAGE, OperationError
from moothall.model.did_you_mean import nearest
from moothall.model.outcome import Report
from moothall.model.uses import Uses
from moothall.model.written import Council, Folder
from moothall.operations.context import Context
from moothall.operations.definitions import check_name, chosen_folders
from moothall.report.explanation.view import answer
from moothall.resolve.explain import explain

HELP = "Show each value of a council with the file and line that set it, and what it overrode."
USES = Uses(("partnership",), sound=True)


@dataclass(frozen=True)
class Options:
    """A council, or a part of its file: `durham.uses.erp`."""

    path: str


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to explain."""
    parser.add_argument("path", metavar="COUNCIL[.PATH]", help="a council, or a part of its file: durham.uses.erp")


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(path=namespace.path)


def run(options: Options, context: Context) -> Report:
    """Return the explanation; raises OperationError for a council or a path that is not there."""
    name, _, path = options.path.partition(".")
    folder, council = _council(chosen_folders(context), name)
    entries = explain(folder, council)
    chosen_entries = [entry for entry in entries if not path or f"{entry.path}.".startswith(f"{path}.")]
    if not chosen_entries:
        raise _no_value(name, path, [entry.path for entry in entries])
    return answer(name, chosen_entries)


def _no_value(council: str, path: str, paths: list[str]) -> OperationError:
    nearest_path = nearest(path, paths)
    hint = f"moothall explain {council}{f'.{nearest_path}' if nearest_path else ''}"
    return OperationError(f"{council} has no value at {path}", hint=hint, exit_code=USAGE)


def _council(folders: tuple[Folder, ...], name: str) -> tuple[Folder, Council]:
    """Return the council and its partnership."""
    matches = [(folder, c) for folder in folders for c in folder.councils if c.metadata.name == name]
    if not matches:
        check_name("council", name, [c.metadata.name for folder in folders for c in folder.councils], option=False)
    if len(matches) > 1:
        partnerships = ", ".join(folder.partnership.metadata.name for folder, _ in matches)
        message = f"{name} is a council of several partnerships: {partnerships}"
        raise OperationError(message, hint="add --partnership NAME", exit_code=USAGE)
    return matches[0]
