"""A restore for people: what the copy holds against what runs, what a swap came to, and the next command."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.restoration.view import ComparedView, RestorationView
from moothall.report.style import Style, safe

_TABLES = 12


def render(view: RestorationView, style: Style) -> str:
    """Return the text of a restoration view."""
    return "\n".join([*_beside(view, style), *_outcome(view, style)]) + "\n"


def _beside(view: RestorationView, style: Style) -> Iterator[str]:
    if "asked" not in view:
        return
    reached = f"its last commit is of {view['reached']}" if view["reached"] else "nothing was written after its backup"
    yield f"{view['copy']} is {_name(view)} as of {view['asked']}, {reached} ({view['restoreSeconds']:.1f} s)"
    yield from (style.paint(f"  {safe(note)}", "yellow") for note in view["notes"])
    for database in view["databases"]:
        yield from _database(database, style)


def _database(database: ComparedView, style: Style) -> Iterator[str]:
    yield f"  {database['council']}"
    if database["notCompared"]:
        reason = f"    could not be compared, nor what a swap would lose: {safe(database['notCompared'])}"
        yield style.paint(reason, "red")
        return
    for found, title in ((database["live"], "running"), (database["copy"], "restored")):
        if found is None:
            yield f"    {title:9} there is none"
            continue
        last = f", last change {safe(found['lastChange'])}" if found["lastChange"] else ""
        yield f"    {title:9} {found['rows']} rows in {found['tables']} tables, {found['bytes'] / 1e6:.1f} MB{last}"
    differing = database["differences"]
    for table in differing[:_TABLES]:
        yield style.paint(f"    {safe(table['table'])}: {table['live']} rows run, {table['copy']} restored", "faint")
    if len(differing) > _TABLES:
        yield style.paint(f"    and {len(differing) - _TABLES} tables more", "faint")
    if database["writtenSince"]:
        yield style.paint(f"    a swap would lose {database['writtenSince']} rows written since", "red")


def _outcome(view: RestorationView, style: Style) -> Iterator[str]:
    name = _name(view)
    if "forgotten" in view:
        yield f"removed: the copy, and {', '.join(view['forgotten']) or 'no former state, for there was none'}"
    elif "interruptionSeconds" in view:
        yield style.paint(f"swapped: nobody could work for {view['interruptionSeconds']:.1f} s", "green")
        yield from (style.paint(f"  {safe(line)}", "red") for line in view["waiting"])
        yield from (f"  the former state is kept as {kept}" for kept in view["kept"] if kept)
        yield f"  moothall restore {name} --undo puts it back, --forget removes it"
    elif "asked" in view:
        at = "" if view["asked"] == "latest" else f" --at {view['asked']}"
        yield f"moothall restore {name}{at} --swap puts it in place, --forget removes it"


def _name(view: RestorationView) -> str:
    return str(view["council"] or view["instance"])
