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
from moothall.failures import USAGE, OperationError
from moothall.language.checks.waivers import apply_waivers
from moothall.language.files.definitions import Reading, definitions
from moothall.language.files.listing import COUNCIL, MODULE, PARTNERSHIP, PARTNERSHIPS, kind_of
from moothall.language.files.sources import Source
from moothall.language.git.ages import Ages
from moothall.language.git.history import read_shipped_modules, sources_at, sources_before
from moothall.language.git.revision import ChangedFile, Repository
from moothall.language.migration import lift
from moothall.language.rules import check
from moothall.model.engines import Engines
from moothall.model.planned import Plan
from moothall.model.written import Definitions, Folder, Partnership
from moothall.source import Document
from moothall.validation.documents import readings
from moothall.validation.limit import limit_findings
from moothall.validation.validate import ValidationResult, validate, validate_sources

Texts = Mapping[str, str]
"""The text of each file, by its path below the root."""


class Side(NamedTuple):
    """One of the two revisions: its name, its commit (None is the working tree) and the day on which it is compiled."""

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


class InvalidRevision(Exception):
    """One of the two revisions does not pass: `side` is which one, and `result` holds its findings."""

    def __init__(self, side: Side, result: ValidationResult) -> None:
        super().__init__(side.name)
        self.side = side
        self.result = result


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
    head_result = _head(repository, head, cache)
    if has_errors(head_result.diagnostics):
        raise InvalidRevision(head, head_result)
    changed_files = repository.changed_files(base.commit, head.commit)
    changed_definitions = [file for file in changed_files if kind_of(file.path)]
    scope = _Scope(changed_definitions, everything=base.as_of != head.as_of)
    head_texts = {path: text for path, text in head_result.files.items() if scope.touches(path)}
    shipped_sources, _ = read_shipped_modules(head_result.files, paths.shipped_catalogue(repository.root))
    head_readings, _ = _read([*(_source(path, text) for path, text in head_texts.items()), *shipped_sources], scope)
    base_readings = _base(repository, base, changed_files, head_result.files, scope)
    pairs = _pairs(_plans(base_readings, base, engines), _plans(head_readings, head, engines), head_texts)
    return Revisions(base, head, pairs, _files(changed_definitions, base_readings, head_readings), head_result.files)


def validate_commit(repository: Repository, commit: str, as_of: date, cache: Cache) -> ValidationResult:
    """Do what `validate` does with the definitions that git has in a commit: nothing of it comes to the disk.

    Raises OperationError where the commit has no folder `partnerships/`, or a submodule among the definitions.
    """
    root = repository.root
    if not repository.files(commit, PARTNERSHIPS):
        message = f"{commit[:12]} has no folder {PARTNERSHIPS}/"
        raise OperationError(message, hint="add --root FOLDER, the one that has it", exit_code=USAGE)
    sources, findings = sources_at(repository, commit, paths.shipped_catalogue(root))
    return validate_sources(sources, findings, as_of, Ages(root, commit), cache)


def partnerships(comparison: Revisions) -> tuple[Partnership, ...]:
    """Return the partnerships of the head, from all its partnership.yaml files."""
    texts = {path: comparison.texts[path] for path in comparison.texts if kind_of(path) == PARTNERSHIP}
    file_readings, _ = readings(Source(path, PARTNERSHIP, text) for path, text in texts.items())
    return tuple(folder.partnership for folder in definitions(file_readings, comparison.head.as_of).folders)


class _Scope:
    """Which files decide what is compiled: whole partnerships, or councils that changed and what they stand upon."""

    def __init__(self, changed_files: Iterable[ChangedFile], *, everything: bool) -> None:
        self._paths = {file.path for file in changed_files}
        self._everything = everything or any(kind_of(path) == MODULE for path in self._paths)
        self._whole_folders = {_folder(path) for path in self._paths if kind_of(path) == PARTNERSHIP}
        self._touched_folders = {_folder(path) for path in self._paths}

    def touches(self, path: str) -> bool:
        """Say whether a file may be mentioned by what is compiled: one of its partnership, or a module."""
        return self._everything or path.startswith("modules/") or _folder(path) in self._touched_folders

    def holds(self, path: str) -> bool:
        """Say whether such a file has itself a part in what is compiled."""
        return (
            self._everything or path in self._paths or _folder(path) in self._whole_folders or kind_of(path) != COUNCIL
        )


def _head(repository: Repository, head: Side, cache: Cache) -> ValidationResult:
    """Return what is found in the head, checked whole; from disk when the working tree holds the same definitions."""
    if head.commit is None or not repository.changed_files(head.commit, None):
        return validate(repository.root, head.as_of, cache)
    return validate_commit(repository, head.commit, head.as_of, cache)


def _base(
    repository: Repository, base: Side, changed_files: Sequence[ChangedFile], head_texts: Texts, scope: _Scope
) -> list[Reading]:
    """Return the base as far as it has a part: its own files where they differ, the head's where they do not.

    Files of an older language are lifted first, so that only what they mean is compared. Raises Invalid, with places in
    the lifted text. What the base is not checked for is a clash between two councils of which one did not change.
    """
    assert base.commit is not None
    changed_paths = {file.path for file in changed_files}
    unchanged_paths = {path for path in head_texts if path not in changed_paths and kind_of(path) != MODULE}
    sources, findings = sources_before(
        repository, base.commit, changed_files, unchanged_paths, paths.shipped_catalogue(repository.root)
    )
    unchanged_sources = [_source(path, head_texts[path]) for path in unchanged_paths if scope.touches(path)]
    base_readings, reading_findings = _read([*unchanged_sources, *sources], scope)
    if reading_findings:  # by today's language, which a base that is older than it cannot know
        sources = [_lift_source(source) for source in sources]
        base_readings, reading_findings = _read([*unchanged_sources, *sources], scope)
    base_definitions = definitions(base_readings, base.as_of)
    remaining_findings, waived_count = apply_waivers(base_definitions, check(base_definitions))
    diagnostics = limit_findings(in_order([*findings, *reading_findings, *remaining_findings]))
    if has_errors(diagnostics):
        raise InvalidRevision(
            base, ValidationResult(diagnostics, _texts(sources), waived_count, lambda: base_definitions)
        )
    return base_readings


def _read(sources: Sequence[Source], scope: _Scope) -> tuple[list[Reading], list[Diagnostic]]:
    """Take files as far as their shape; those that have no part are no more than names."""
    files = (file if scope.holds(file.path) else Source(file.path, file.kind, None) for file in sources)
    return readings(sorted(files, key=lambda file: file.path))


def _lift_source(source: Source) -> Source:
    """Return a source in the current version of the language, with the names that keys have today."""
    text = None if source.text is None else lift(source.path, source.text)
    return source if text is None else Source(source.path, source.kind, text, shipped=source.shipped)


def _source(path: str, text: str) -> Source:
    return Source(path, kind_of(path) or "", text)


def _texts(sources: Iterable[Source]) -> dict[str, str]:
    return {source.path: source.text for source in sources if source.text is not None and not source.shipped}


def _files(
    changed_files: Iterable[ChangedFile], base_readings: Iterable[Reading], head_readings: Iterable[Reading]
) -> tuple[tuple[Document | None, Document | None], ...]:
    base_documents = {reading.path: reading.document for reading in base_readings}
    head_documents = {reading.path: reading.document for reading in head_readings}
    return tuple((base_documents.get(file.path), head_documents.get(file.path)) for file in changed_files)


class _Plans(NamedTuple):
    """The definitions of one side, and the plan of each of its partnerships by name, which is also the folder's."""

    definitions: Definitions
    plans: Mapping[str, Plan]


def _pairs(old: _Plans, new: _Plans, head_texts: Texts) -> tuple[Pair, ...]:
    units = {folder.partnership.metadata.name: _units(folder.partnership) for folder in new.definitions.folders}
    for path in head_texts:
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


def _plans(file_readings: Sequence[Reading], side: Side, engines: Engines | None) -> _Plans:
    side_definitions = definitions(file_readings, side.as_of)
    plans = compile_all(side_definitions, side.as_of, engines=engines)
    return _Plans(side_definitions, {plan.partnership: plan for plan in plans})


def _folder(path: str) -> str:
    return path.split("/")[1] if "/" in path else ""
