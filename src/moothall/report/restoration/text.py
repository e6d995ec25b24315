"""A restore for people: what the copy holds against what runs, what a swap came to, and the next command."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.restoration.view import ComparedView, RestorationView
from moothall.report.style import Style, safe

_TABLES = 12


def render(view: RestorationView, style: Style) -> str:
    """Return the text of a restoration view."""
    return "\n".join([*_copy_lines(view, style), *_outcome(view, style)]) + "\n"


def _copy_lines(view: RestorationView, style: Style) -> Iterator[str]:
    if "asked" not in view:
        return
    last_commit = (
        f"its last commit is of {view['reached']}" if view["reached"] else "nothing was written after its backup"
    )
    yield f"{view['copy']} is {_name(view)} as of {view['asked']}, {last_commit} ({view['restoreSeconds']:.1f} s)"
    yield from (style.paint(f"  {safe(note)}", "yellow") for note in view["notes"])
    for database in view["databases"]:
        yield from _database(database, style)


def _database(database: ComparedView, style: Style) -> Iterator[str]:
    yield f"  {database['council']}"
    if database["notCompared"]:
        reason = f"    could not be compared, nor what a swap would lose: {safe(database['notCompared'])}"
        yield style.paint(reason, "red")
        return
    for side, title in ((database["live"], "running"), (database["copy"], "restored")):
        if side is None:
            yield f"    {title:9} there is none"
            continue
        last_change = f", last change {safe(side['lastChange'])}" if side["lastChange"] else ""
        yield f"    {title:9} {side['rows']} rows in {side['tables']} tables, {side['bytes'] / 1e6:.1f} MB{last_change}"
    differing_tables = database["differences"]
    for table in differing_tables[:_TABLES]:
        yield style.paint(f"    {safe(table['table'])}: {table['live']} rows run, {table['copy']} restored", "faint")
    if len(differing_tables) > _TABLES:
        yield style.paint(f"    and {len(differing_tables) - _TABLES} tables more", "faint")
    if database["writtenSince"]:
        yield style.paint(f"    a swap would lose {database['writtenSince']} rows written since", "red")


def _outcome(view: RestorationView, style: Style) -> Iterator[str]:
    name = _name(view)
    if "forgotten" in view:
        former_names = ", ".join(map(safe, view["forgotten"]))
        yield f"removed: the copy, and {former_names or 'no former state, for there was none'}"
    elif "interruptionSeconds" in view:
        yield style.paint(f"swapped: nobody could work for {view['interruptionSeconds']:.1f} s", "green")
        yield from (style.paint(f"  {safe(line)}", "red") for line in view["waiting"])
        yield from (f"  the former state is kept as {safe(former_name)}" for former_name in view["kept"] if former_name)
        yield f"  moothall restore {name} --undo puts it back, --forget removes it"
    elif "asked" in view:
        moment_option = "" if view["asked"] == "latest" else f" --at {view['asked']}"
        yield f"moothall restore {name}{moment_option} --swap puts it in place, --forget removes it"


def _name(view: RestorationView) -> str:
    return str(view["council"] or view["instance"])
