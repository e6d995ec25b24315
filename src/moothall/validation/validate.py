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
from moothall.language.git.ages import AgeRank, Ages
from moothall.validation.groups import group_sources
from moothall.validation.incremental import waived_count_if_valid
from moothall.validation.verdict_cache import VerdictCache

if TYPE_CHECKING:  # where nothing has changed nobody is asked what it means
    from moothall.model.written import Definitions


class ValidationResult:
    """The findings below a root, the text of each of its files, and the definitions as far as they are sound.

    Modules that are shipped are among the definitions, and not among the files. `waived_count` counts the warnings that
    files accept.
    """

    def __init__(
        self,
        diagnostics: tuple[Diagnostic, ...],
        files: Mapping[str, str],
        waived_count: int,
        decode: Callable[[], Definitions],
    ) -> None:
        self.diagnostics = diagnostics
        self.files = files
        self.waived_count = waived_count
        self._decode = decode

    @cached_property
    def definitions(self) -> Definitions:
        """What the files say; where nothing was wrong and nothing has changed, they are parsed only for this."""
        return self._decode()


def validate(root: Path, as_of: date, cache: Cache | None = None) -> ValidationResult:
    """Read everything below `root`, which holds `partnerships/`, and check it as it is on the day `as_of`.

    What `cache` knows to be right is not checked again. Raises OperationError if there is no such folder. Mistakes in
    files are diagnostics: ask `has_errors` before going on.
    """
    if not (root / "partnerships").is_dir():
        what = f"{root} has no folder partnerships/"
        raise OperationError(what, hint="add --root FOLDER, the one that has it", exit_code=USAGE)
    files, findings = sources(root, paths.shipped_catalogue(root))
    return validate_sources(files, findings, as_of, Ages(root), cache or Cache(None))


def validate_sources(
    files: Sequence[Source], findings: Sequence[Diagnostic], as_of: date, age_rank: AgeRank, cache: Cache
) -> ValidationResult:
    """Do what `validate` does with files that were read, and `findings` about them as files."""
    groups = group_sources(files)
    verdicts = VerdictCache(cache, groups, as_of)
    texts = {file.path: file.text for file in files if file.text is not None and not file.shipped}
    waived_count = None if findings else waived_count_if_valid(groups, verdicts, as_of, age_rank)
    if waived_count is None:
        result = _check_all(files, findings, texts, as_of, age_rank)
    else:
        result = ValidationResult((), texts, waived_count, lambda: _decode_sources(files, as_of, age_rank))
    if not result.diagnostics:
        verdicts.keep_root_verdict(result.waived_count)
    cache.save()
    return result


def _decode_sources(files: Sequence[Source], as_of: date, age_rank: AgeRank) -> Definitions:
    from moothall.validation.documents import decode_sources

    return decode_sources(files, as_of, age_rank)


def _check_all(
    files: Sequence[Source], findings: Sequence[Diagnostic], texts: Mapping[str, str], as_of: date, age_rank: AgeRank
) -> ValidationResult:
    """Return what is found when all files are checked together."""
    from moothall.language.checks.waivers import apply_waivers
    from moothall.validation.documents import check_readings, readings
    from moothall.validation.limit import limit_findings

    file_readings, reading_findings = readings(files)
    definitions, rule_findings = check_readings(file_readings, as_of, age_rank)
    remaining_findings, waived_count = apply_waivers(definitions, rule_findings)
    diagnostics = limit_findings(in_order([*findings, *reading_findings, *remaining_findings]))
    return ValidationResult(diagnostics, texts, waived_count, lambda: definitions)
