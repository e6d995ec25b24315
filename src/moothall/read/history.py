"""Definitions as a commit holds them: the same files at the same places as on disk, and the same findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from moothall.diagnostics import Diagnostic
from moothall.read.revision import Changed, Repository
from moothall.read.sources import ACTIVE, COUNCIL, MODULE, PARTNERSHIP, Source, decoded, missing, sources, stray

_PLACES = (
    (re.compile(r"partnerships/[^/._][^/]*/partnership\.yaml"), PARTNERSHIP),
    (re.compile(r"partnerships/[^/._][^/]*/active\.yaml"), ACTIVE),
    (re.compile(r"partnerships/[^/._][^/]*/councils/[^/.][^/]*\.yaml"), COUNCIL),
    (re.compile(r"modules/[^/._][^/]*/module\.yaml"), MODULE),
)


def kind_of(path: str) -> str | None:
    """Return the kind that a path below the root gives a file, None when it is no definition."""
    return next((kind for place, kind in _PLACES if place.fullmatch(path)), None)


def sources_before(repository: Repository, changed: Iterable[Changed]) -> tuple[tuple[Source, ...], list[Diagnostic]]:
    """Return the definitions among changed files as the base has them, and what is wrong with them as files."""
    blobs = {file.path: file.base for file in changed if file.base and kind_of(file.path)}
    return _read(repository, blobs)


def sources_at(repository: Repository, commit: str, catalogue: Path) -> tuple[tuple[Source, ...], list[Diagnostic]]:
    """Return all definitions of a commit, and what is wrong with them as files.

    A commit without a folder modules/ has the module catalogue that stands at `catalogue`.
    """
    files = repository.files(commit)
    found, findings = _read(repository, {path: blob for path, blob in files.items() if kind_of(path)})
    findings += [missing(path) for path in _missing(files)]
    findings += [stray(path) for path in files if path.endswith((".yaml", ".yml")) and _is_stray(path)]
    if not any(path.startswith("modules/") for path in files):
        own, wrong = sources(catalogue, catalogue)  # which holds no partnerships
        found, findings = found + own, [*findings, *wrong]
    return found, findings


def _read(repository: Repository, blobs: dict[str, str]) -> tuple[tuple[Source, ...], list[Diagnostic]]:
    found: list[Source] = []
    findings: list[Diagnostic] = []
    for path, content in zip(blobs, repository.contents(list(blobs.values())), strict=True):
        text, finding = decoded(path, content)
        found.append(Source(path, kind_of(path) or "", text))
        findings += [finding] if finding else []
    return tuple(found), findings


def _missing(files: Iterable[str]) -> Iterator[str]:
    """Yield the files that a folder of the commit should have and has not."""
    paths = set(files)
    folders = {tuple(path.split("/")[:2]) for path in paths if path.count("/") > 1}
    for top, name in sorted(folders):
        path = f"{top}/{name}/{'partnership' if top == 'partnerships' else 'module'}.yaml"
        if name[0] not in "._" and path not in paths:
            yield path


def _is_stray(path: str) -> bool:
    """Say whether nothing reads a file among the partnerships."""
    return path.startswith("partnerships/") and not kind_of(path)
