"""Two revisions of the definitions, compiled as far as they differ.

The head is read and checked whole, as `validate` does. Of the base only the files that differ are read, out of git:
everything of a council depends on its own file, its partnership.yaml and the modules, so where only councils changed
nothing but these councils is compiled on either side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from moothall import paths
from moothall.cache import Cache
from moothall.compilation import compile_all
from moothall.diagnostics import Diagnostic, has_errors, in_order
from moothall.language.checks.waivers import apply_waivers
from moothall.language.files.definitions import Reading, definitions
from moothall.language.files.listing import COUNCIL, MODULE, PARTNERSHIP, kind_of
from moothall.language.files.sources import Source
from moothall.language.git.ages import Ages
from moothall.language.git.history import shipped_besides, sources_at, sources_before
from moothall.language.git.revision import Changed, Repository
from moothall.language.migration import lift
from moothall.language.rules import check
from moothall.model.engines import Engines
from moothall.model.planned import Plan
from moothall.model.written import Definitions, Folder, Partnership
from moothall.source import Document
from moothall.validation.documents import readings
from moothall.validation.limit import limited
from moothall.validation.validate import Loaded, validate, validate_sources

Texts = Mapping[str, str]
"""The text of each file, by its path below the root."""


class Side(NamedTuple):
    """One of the two: what it was called, its commit (None is the working tree) and the day it is looked at."""

    name: str
    commit: str | None
    as_of: date


class Pair(NamedTuple):
    """One partnership on both sides, None where it is not defined; its folder below partnerships/ has its name.

    `units` names the sites, instances and councils that the head defines, whether anything of them stands or not;
    `folders` is what is written on the sides that have it, of councils only what changed.
    """

    name: str
    base: Plan | None
    head: Plan | None
    units: frozenset[str]
    folders: tuple[Folder, ...]


class Invalid(Exception):
    """One of the two revisions does not pass: which one, and what was found in it."""

    def __init__(self, side: Side, found: Loaded) -> None:
        super().__init__(side.name)
        self.side = side
        self.found = found


class Revisions(NamedTuple):
    """Both sides with everything in which they differ: plans in pairs, and each changed file as it was and as it is.

    `texts` are all files of the head.
    """

    base: Side
    head: Side
    pairs: tuple[Pair, ...]
    files: tuple[tuple[Document | None, Document | None], ...]
    texts: Texts


def revisions(
    repository: Repository, base: Side, head: Side, cache: Cache, engines: Engines | None = None
) -> Revisions:
    """Read, check and compile both sides as far as they differ; raises Invalid for a side that does not pass.

    Both are compiled for the same `engines`.
    """
    assert base.commit is not None
    found = _head(repository, head, cache)
    if has_errors(found.diagnostics):
        raise Invalid(head, found)
    differing = repository.changed(base.commit, head.commit)
    changed = [file for file in differing if kind_of(file.path)]
    scope = _Scope(changed, everything=base.as_of != head.as_of)
    now = {path: text for path, text in found.files.items() if scope.touches(path)}
    shipped, _ = shipped_besides(found.files, paths.shipped(repository.root))
    after, _ = _read([*(_source(path, text) for path, text in now.items()), *shipped], scope)
    before = _base(repository, base, differing, found.files, scope)
    pairs = _pairs(_plans(before, base, engines), _plans(after, head, engines), now)
    return Revisions(base, head, pairs, _files(changed, before, after), found.files)


def partnerships(found: Revisions) -> tuple[Partnership, ...]:
    """Return what the partnership.yaml files of the head say, all of them."""
    texts = {path: found.texts[path] for path in found.texts if kind_of(path) == PARTNERSHIP}
    read, _ = readings(Source(path, PARTNERSHIP, text) for path, text in texts.items())
    return tuple(folder.partnership for folder in definitions(read, found.head.as_of).folders)


class _Scope:
    """Which files decide what is compiled: whole partnerships, or councils that changed and what they stand upon."""

    def __init__(self, changed: Iterable[Changed], *, everything: bool) -> None:
        self._paths = {file.path for file in changed}
        self._everything = everything or any(kind_of(path) == MODULE for path in self._paths)
        self._whole = {_folder(path) for path in self._paths if kind_of(path) == PARTNERSHIP}
        self._touched = {_folder(path) for path in self._paths}

    def touches(self, path: str) -> bool:
        """Say whether a file may be mentioned by what is compiled: one of its partnership, or a module."""
        return self._everything or path.startswith("modules/") or _folder(path) in self._touched

    def holds(self, path: str) -> bool:
        """Say whether such a file has itself a part in what is compiled."""
        return self._everything or path in self._paths or _folder(path) in self._whole or kind_of(path) != COUNCIL


def _head(repository: Repository, head: Side, cache: Cache) -> Loaded:
    """Return what is found in the head, checked whole; from disk when the working tree holds the same definitions."""
    root = repository.root
    if head.commit is None or not repository.changed(head.commit, None):
        return validate(root, head.as_of, cache)
    sources, findings = sources_at(repository, head.commit, paths.shipped(root))
    return validate_sources(sources, findings, head.as_of, Ages(root, head.commit), cache)


def _base(repository: Repository, base: Side, differing: Sequence[Changed], now: Texts, scope: _Scope) -> list[Reading]:
    """Return the base as far as it has a part: its own files where they differ, the head's where they do not.

    Files of an older language are lifted first, so that only what they mean is compared. Raises Invalid, with places in
    the lifted text. What the base is not checked for is a clash between two councils of which one did not change.
    """
    assert base.commit is not None
    theirs = {file.path for file in differing}
    same = {path for path in now if path not in theirs and kind_of(path) != MODULE}
    sources, findings = sources_before(repository, base.commit, differing, same, paths.shipped(repository.root))
    unchanged = [_source(path, now[path]) for path in same if scope.touches(path)]
    read, wrong = _read([*unchanged, *sources], scope)
    if wrong:  # by today's language, which a base that is older than it cannot know
        sources = [_lifted(source) for source in sources]
        read, wrong = _read([*unchanged, *sources], scope)
    defined = definitions(read, base.as_of)
    settled, waived = apply_waivers(defined, check(defined))
    diagnostics = limited(in_order([*findings, *wrong, *settled]))
    if has_errors(diagnostics):
        raise Invalid(base, Loaded(diagnostics, _texts(sources), waived, lambda: defined))
    return read


def _read(found: Sequence[Source], scope: _Scope) -> tuple[list[Reading], list[Diagnostic]]:
    """Take files as far as their shape; those that have no part are no more than names."""
    in_part = (file if scope.holds(file.path) else Source(file.path, file.kind, None) for file in found)
    return readings(sorted(in_part, key=lambda file: file.path))


def _lifted(source: Source) -> Source:
    """Return a source in the current version of the language, with the names that keys have today."""
    text = None if source.text is None else lift(source.path, source.text)
    return source if text is None else Source(source.path, source.kind, text, shipped=source.shipped)


def _source(path: str, text: str) -> Source:
    return Source(path, kind_of(path) or "", text)


def _texts(found: Iterable[Source]) -> dict[str, str]:
    return {source.path: source.text for source in found if source.text is not None and not source.shipped}


def _files(
    changed: Iterable[Changed], before: Iterable[Reading], after: Iterable[Reading]
) -> tuple[tuple[Document | None, Document | None], ...]:
    then = {reading.path: reading.document for reading in before}
    now = {reading.path: reading.document for reading in after}
    return tuple((then.get(file.path), now.get(file.path)) for file in changed)


class _Plans(NamedTuple):
    """What one side says, and the plan of each of its partnerships by name, which is that of the folder too."""

    definitions: Definitions
    plans: Mapping[str, Plan]


def _pairs(old: _Plans, new: _Plans, now: Texts) -> tuple[Pair, ...]:
    units = {folder.partnership.metadata.name: _units(folder.partnership) for folder in new.definitions.folders}
    for path in now:
        if kind_of(path) == COUNCIL and _folder(path) in units:
            units[_folder(path)].add(path.rsplit("/", 1)[1].removesuffix(".yaml"))
    names = sorted(old.plans.keys() | new.plans.keys())
    return tuple(
        Pair(name, old.plans.get(name), new.plans.get(name), frozenset(units.get(name, ())), _folders(name, old, new))
        for name in names
    )


def _folders(name: str, *sides: _Plans) -> tuple[Folder, ...]:
    folders = (folder for side in sides for folder in side.definitions.folders)
    return tuple(folder for folder in folders if folder.partnership.metadata.name == name)


def _units(partnership: Partnership) -> set[str]:
    return {*partnership.sites, *partnership.instances}


def _plans(read: Sequence[Reading], side: Side, engines: Engines | None) -> _Plans:
    defined = definitions(read, side.as_of)
    found = compile_all(defined, side.as_of, engines=engines)
    return _Plans(defined, {plan.partnership: plan for plan in found})


def _folder(path: str) -> str:
    return path.split("/")[1] if "/" in path else ""
