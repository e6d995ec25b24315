"""The one way in: everything below a root, checked as far as it has changed since the last run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from moothall import paths
from moothall.cache import Cache
from moothall.diagnostics import Diagnostic, in_order
from moothall.failures import USAGE, OperationError
from moothall.language.files.sources import Source, sources
from moothall.language.git.ages import Added, Ages
from moothall.validation.groups import grouped
from moothall.validation.incremental import waived_if_right
from moothall.validation.verdict_cache import VerdictCache

if TYPE_CHECKING:  # where nothing has changed nobody is asked what it means
    from moothall.model.written import Definitions


class Loaded:
    """The findings below a root, the text of each of its files, and the definitions as far as they are sound.

    Modules that are shipped are among the definitions, and not among the files. `waived` counts the warnings that
    files accept.
    """

    def __init__(
        self,
        diagnostics: tuple[Diagnostic, ...],
        files: Mapping[str, str],
        waived: int,
        decode: Callable[[], Definitions],
    ) -> None:
        self.diagnostics = diagnostics
        self.files = files
        self.waived = waived
        self._decode = decode

    @cached_property
    def definitions(self) -> Definitions:
        """What the files say; where nothing was wrong and nothing has changed, they are parsed only for this."""
        return self._decode()


def validate(root: Path, as_of: date, cache: Cache | None = None) -> Loaded:
    """Read everything below `root`, which holds `partnerships/`, and check it as it is on the day `as_of`.

    What `cache` knows to be right is not checked again. Raises OperationError if there is no such folder. Mistakes in
    files are diagnostics: ask `has_errors` before going on.
    """
    if not (root / "partnerships").is_dir():
        what = f"{root} has no folder partnerships/"
        raise OperationError(what, hint="add --root FOLDER, the one that has it", exit_code=USAGE)
    files, findings = sources(root, paths.shipped(root))
    return validate_sources(files, findings, as_of, Ages(root), cache or Cache(None))


def validate_sources(
    files: Sequence[Source], findings: Sequence[Diagnostic], as_of: date, added: Added, cache: Cache
) -> Loaded:
    """Do what `validate` does with files that were read, and `findings` about them as files."""
    groups = grouped(files)
    verdicts = VerdictCache(cache, groups, as_of)
    texts = {file.path: file.text for file in files if file.text is not None and not file.shipped}
    waived = None if findings else waived_if_right(groups, verdicts, as_of, added)
    if waived is None:
        loaded = _checked(files, findings, texts, as_of, added)
    else:
        loaded = Loaded((), texts, waived, lambda: _decoded(files, as_of, added))
    if not loaded.diagnostics:
        verdicts.keep_whole(loaded.waived)
    cache.save()
    return loaded


def _decoded(files: Sequence[Source], as_of: date, added: Added) -> Definitions:
    from moothall.validation.documents import decoded

    return decoded(files, as_of, added)


def _checked(
    files: Sequence[Source], findings: Sequence[Diagnostic], texts: Mapping[str, str], as_of: date, added: Added
) -> Loaded:
    """Return what is found when all files are checked together."""
    from moothall.language.checks.waivers import apply_waivers
    from moothall.validation.documents import checked, readings
    from moothall.validation.limit import limited

    read, wrong = readings(files)
    definitions, found = checked(read, as_of, added)
    settled, waived = apply_waivers(definitions, found)
    diagnostics = limited(in_order([*findings, *wrong, *settled]))
    return Loaded(diagnostics, texts, waived, lambda: definitions)
