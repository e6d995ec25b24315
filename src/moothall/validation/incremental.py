"""Whether nothing is wrong: what has been found right once is not looked into again.

Partnerships that have changed are checked one after the other, each with the module catalogue alone. Where anything
is wrong, everything has to be checked together to say what.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from moothall.language.files.sources import Source
from moothall.language.git.ages import AgeRank
from moothall.validation.groups import MODULES, Groups
from moothall.validation.verdict_cache import Verdict, VerdictCache

if TYPE_CHECKING:  # where nothing has changed nobody is asked what it means
    from moothall.language.files.definitions import Reading


def waived_count_if_valid(groups: Groups, verdicts: VerdictCache, as_of: date, age_rank: AgeRank) -> int | None:
    """Return the number of accepted warnings if it is certain that nothing is wrong, else None."""
    root_verdict = verdicts.root_verdict()
    if root_verdict is not None:
        return root_verdict
    names = sorted(groups.keys() - {MODULES})
    sound_verdicts = _sound_verdicts(names, groups, verdicts, as_of, age_rank) if len(names) > 1 else None
    if sound_verdicts is None or _has_clash(sound_verdicts, groups, as_of, age_rank):
        return None
    return sum(verdict.waived_count for verdict in sound_verdicts)


def _sound_verdicts(
    names: Sequence[str], groups: Groups, verdicts: VerdictCache, as_of: date, age_rank: AgeRank
) -> list[Verdict] | None:
    """Return the verdict on each partnership, None if anything is wrong with any; one at a time is in memory."""
    from moothall.validation.documents import readings

    modules, wrong = readings(groups[MODULES])
    if wrong:
        return None
    sound_verdicts = []
    for name in names:
        verdict = verdicts.verdict_of(name)
        if verdict is None:
            verdict = _check_partnership(groups[name], modules, as_of, age_rank)
            if verdict is None:
                return None
            verdicts.keep_verdict(name, verdict)
        sound_verdicts.append(verdict)
    return sound_verdicts


def _check_partnership(
    files: Sequence[Source], modules: Sequence[Reading], as_of: date, age_rank: AgeRank
) -> Verdict | None:
    """Return the verdict on one partnership, None if anything is wrong with it."""
    from moothall.language.checks.waivers import apply_waivers
    from moothall.validation.claims import claims
    from moothall.validation.documents import check_readings, readings

    own_readings, wrong = readings(files)
    if wrong:
        return None
    definitions, rule_findings = check_readings([*own_readings, *modules], as_of, age_rank)
    remaining_findings, waived_count = apply_waivers(definitions, rule_findings)
    return None if remaining_findings else Verdict(waived_count, claims(definitions))


def _has_clash(sound_verdicts: Sequence[Verdict], groups: Groups, as_of: date, age_rank: AgeRank) -> bool:
    """Say whether anything is wrong between partnerships with each of which nothing is."""
    from moothall.validation.claims import meet

    if not meet(verdict.claims for verdict in sound_verdicts):
        return False
    from moothall.language.checks.scope import Scope
    from moothall.language.rules import check
    from moothall.validation.documents import decode_sources

    files = [file for members in groups.values() for file in members]
    return any(check(decode_sources(files, as_of, age_rank), Scope.EVERYWHERE))
