"""The walk that every verb takes: read and check."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from moothall import home
from moothall.cache import Cache, code, folder_of
from moothall.diagnostics import Diagnostic, in_order
from moothall.failures import USAGE, Failure
from moothall.read.ages import Ages
from moothall.read.sources import Source, listed, sources

if TYPE_CHECKING:  # only who compiles has a need to load the plan, and where nothing has changed nobody the rules
    from moothall.checking import Checking
    from moothall.model.engines import Engines
    from moothall.model.planned import Plan
    from moothall.model.written import Definitions


MOST_FINDINGS = 100
"""Findings of one file in an answer."""


class Loaded(NamedTuple):
    """Everything below a root: the definitions as far as they are sound, all findings, the text of each of its files.

    Modules that are shipped are among the definitions, and not among the files. `waived` counts the warnings that a
    file says are accepted.
    """

    definitions: Definitions
    diagnostics: tuple[Diagnostic, ...]
    files: Mapping[str, str]
    waived: int


class Found(NamedTuple):
    """All findings below a root, the text of each file, and the number of warnings that are waived.

    Where nothing is wrong and nothing has changed, a text is read when it is asked for.
    """

    diagnostics: tuple[Diagnostic, ...]
    files: Mapping[str, str]
    waived: int


def load(root: Path, as_of: date, cache: Cache | None = None) -> Loaded:
    """Read everything below `root`, which holds `partnerships/`, and check it as it is on the day `as_of`.

    What `cache` holds is not worked out anew. Raises Failure if there is no such folder. Mistakes in files are
    diagnostics: ask `has_errors` before going on.
    """
    from moothall.checking import Checking

    with uncollected():
        found, findings = sources(_sound(root), home.shipped(root))
        cache = cache or Cache(None)
        loaded = checked(found, findings, as_of, Checking(cache, added=Ages(root)))[0]
        cache.save()
        return loaded


def find(root: Path, as_of: date, cache: Cache) -> Found:
    """Return what `load` finds; where nothing was wrong the last time and nothing has changed, without loading."""
    with uncollected():
        from moothall.checking import Checking
        from moothall.contents import Contents
        from moothall.verdicts import Verdicts

        files, findings = listed(_sound(root), home.shipped(root))
        contents = Contents(files, cache)
        checking = Checking(cache, contents.known, Ages(root))
        verdicts = Verdicts(contents, as_of, checking)
        diagnostics: tuple[Diagnostic, ...] = ()
        waived = None if findings or contents.findings else verdicts.waived()
        if waived is None:
            found = tuple(contents.sources(contents.groups))
            loaded, raw = checked(found, (*findings, *contents.findings), as_of, checking)
            waived, diagnostics = loaded.waived, loaded.diagnostics
            if not diagnostics:
                verdicts.keep(loaded.definitions, raw)
        cache.save()
        return Found(diagnostics, contents, waived)


def checked(
    found: tuple[Source, ...], findings: tuple[Diagnostic, ...], as_of: date, checking: Checking
) -> tuple[Loaded, list[Diagnostic]]:
    """Return everything about files that were read, and what the rules found before warnings were waived.

    What the cache is given is not saved yet.
    """
    from moothall.check.waivers import settle

    defined, wrong, raw = checking.checked(found, as_of)
    settled, waived = settle(defined, raw)
    return Loaded(defined, shown(in_order([*findings, *wrong, *settled])), _texts(found), waived), raw


def _sound(root: Path) -> Path:
    """Return a root that is one. Raises Failure."""
    if not (root / "partnerships").is_dir():
        what = f"{root} has no folder partnerships/"
        raise Failure(what, mend="add --root FOLDER, the one that has it", exit_code=USAGE)
    return root


def _texts(found: tuple[Source, ...]) -> dict[str, str]:
    return {source.path: source.text for source in found if source.text is not None and not source.shipped}


def shown(diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Return no more findings of a file than anybody reads; the last of them says how many more there are.

    Only for those that are shown the name is looked for that was probably meant.
    """
    from moothall.check.nearest import told

    files = Counter(diagnostic.primary.span.path for diagnostic in diagnostics)
    if max(files.values(), default=0) <= MOST_FINDINGS:
        return tuple(map(told, diagnostics))
    seen: Counter[str] = Counter()
    kept = []
    for diagnostic in diagnostics:
        path = diagnostic.primary.span.path
        seen[path] += 1
        if seen[path] == MOST_FINDINGS < files[path]:
            last = told(diagnostic)
            more = f"{last.detail} There are {files[path] - MOST_FINDINGS} more findings in this file."
            kept.append(last._replace(detail=more))
        elif seen[path] <= MOST_FINDINGS:
            kept.append(told(diagnostic))
    return tuple(kept)


@contextmanager
def uncollected() -> Iterator[None]:
    """Work without Python's collector of circles: there are none, and it would walk a million values to see that."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def cache_of(root: Path) -> Cache:
    """Return what this user's earlier runs have kept of the definitions below a root."""
    here = Path(__file__).parent
    names = ("cache", "checking", "contents", "diagnostics", "pipeline", "source", "verdicts")
    files = [here / f"{name}.py" for name in names]
    return Cache(folder_of(root), code(*files, *(here / room for room in ("read", "check", "model")), home.SCHEMAS))


def compile_all(
    loaded: Loaded,
    as_of: date,
    only: str | None = None,
    engines: Engines | None = None,
    councils: Container[str] | None = None,
) -> tuple[Plan, ...]:
    """Return the plan of every partnership on the day `as_of`, or of the only one named.

    The definitions must be sound. Without `engines` all sites share one. With `councils` the others' own stacks are
    left out: nothing of a council follows from another.
    """
    from moothall.imagetags import tags
    from moothall.plan import compile_plan
    from moothall.resolve import resolve

    images = tags(home.IMAGES)
    named = {folder.partnership.metadata.name: folder for folder in loaded.definitions.folders}
    folders = [folder for name, folder in sorted(named.items()) if only in (None, name)]
    return tuple(
        compile_plan(resolve(folder, loaded.definitions.modules, as_of, councils), images, engines)
        for folder in folders
    )
