"""The one way in: everything below a root, checked as far as it has changed since the last run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from moothall import home
from moothall.cache import Cache
from moothall.diagnostics import Diagnostic, in_order
from moothall.failures import USAGE, Failure
from moothall.read.ages import Ages
from moothall.read.sources import Source, sources
from moothall.validation.groups import MODULES, Groups, grouped
from moothall.validation.verdict_cache import Verdict, VerdictCache

if TYPE_CHECKING:  # where nothing has changed nobody is asked what it means
    from moothall.model.written import Definitions
    from moothall.read.definitions import Reading

Added = Callable[[str], int]
"""From the path of a file to a number that is larger for one that came later."""


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

    What `cache` knows to be right is not checked again. Raises Failure if there is no such folder. Mistakes in files
    are diagnostics: ask `has_errors` before going on.
    """
    if not (root / "partnerships").is_dir():
        what = f"{root} has no folder partnerships/"
        raise Failure(what, mend="add --root FOLDER, the one that has it", exit_code=USAGE)
    files, findings = sources(root, home.shipped(root))
    return validate_sources(files, findings, as_of, Ages(root), cache or Cache(None))


def validate_sources(
    files: Sequence[Source], findings: Sequence[Diagnostic], as_of: date, added: Added, cache: Cache
) -> Loaded:
    """Do what `validate` does with files that were read, and `findings` about them as files."""
    groups = grouped(files)
    verdicts = VerdictCache(cache, groups, as_of)
    texts = {file.path: file.text for file in files if file.text is not None and not file.shipped}
    waived = None if findings else _waived(groups, verdicts, as_of, added)
    if waived is None:
        loaded = _together(files, findings, texts, as_of, added)
    else:
        loaded = Loaded((), texts, waived, lambda: _decoded(files, as_of, added))
    if not loaded.diagnostics:
        verdicts.keep_whole(loaded.waived)
    cache.save()
    return loaded


def _waived(groups: Groups, verdicts: VerdictCache, as_of: date, added: Added) -> int | None:
    """Return the number of accepted warnings if it is certain that nothing is wrong, else None."""
    whole = verdicts.whole()
    if whole is not None:
        return whole
    partnerships = groups.keys() - {MODULES}
    return _one_by_one(groups, verdicts, as_of, added) if len(partnerships) > 1 else None


def _one_by_one(groups: Groups, verdicts: VerdictCache, as_of: date, added: Added) -> int | None:
    """Check each partnership without a verdict on its own; return the number of accepted warnings of them all.

    None if anything is wrong, or if two of them claim the same: then they have to be checked together. No more than
    one partnership is in memory.
    """
    from moothall.validation.claims import meet
    from moothall.validation.documents import readings

    modules, wrong = readings(groups[MODULES])
    if wrong:
        return None
    right = []
    for name in sorted(groups.keys() - {MODULES}):
        verdict = verdicts.of(name)
        if verdict is None:
            verdict = _verdict(groups[name], modules, as_of, added)
            if verdict is None:
                return None
            verdicts.keep(name, verdict)
        right.append(verdict)
    return None if meet(verdict.claims for verdict in right) else sum(verdict.waived for verdict in right)


def _verdict(files: Sequence[Source], modules: Sequence[Reading], as_of: date, added: Added) -> Verdict | None:
    """Return the verdict on one partnership, None if anything is wrong with it."""
    from moothall.check.waivers import settle
    from moothall.validation.claims import claims
    from moothall.validation.documents import readings

    own, wrong = readings(files)
    if wrong:
        return None
    definitions, found = _checked([*own, *modules], as_of, added)
    unsettled, waived = settle(definitions, found)
    return None if unsettled else Verdict(waived, claims(definitions))


def _together(
    files: Sequence[Source], findings: Sequence[Diagnostic], texts: Mapping[str, str], as_of: date, added: Added
) -> Loaded:
    """Check everything together."""
    from moothall.check.waivers import settle
    from moothall.validation.documents import readings
    from moothall.validation.limit import limited

    read, wrong = readings(files)
    definitions, found = _checked(read, as_of, added)
    settled, waived = settle(definitions, found)
    diagnostics = limited(in_order([*findings, *wrong, *settled]))
    return Loaded(diagnostics, texts, waived, lambda: definitions)


def _checked(read: Sequence[Reading], as_of: date, added: Added) -> tuple[Definitions, list[Diagnostic]]:
    """Return what the sound among the readings say, and what the rules find in it, accepted or not."""
    from moothall.check.certainty import mended
    from moothall.check.rules import check
    from moothall.read.definitions import definitions

    defined = definitions(read, as_of)._replace(added=added)
    return defined, mended(defined, list(check(defined)))


def _decoded(files: Sequence[Source], as_of: date, added: Added) -> Definitions:
    """Return what files say with which nothing is wrong."""
    from moothall.read.definitions import definitions
    from moothall.validation.documents import sound_readings

    return definitions(sound_readings(files), as_of)._replace(added=added)
