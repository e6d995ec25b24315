"""Whether nothing is wrong: what has been found right once is not looked into again.

Partnerships that have changed are checked one after the other, each with the module catalogue alone. Where anything
is wrong, everything has to be checked together to say what.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from moothall.language.files.sources import Source
from moothall.language.git.ages import Added
from moothall.validation.groups import MODULES, Groups
from moothall.validation.verdict_cache import Verdict, VerdictCache

if TYPE_CHECKING:  # where nothing has changed nobody is asked what it means
    from moothall.language.files.definitions import Reading


def waived_if_right(groups: Groups, verdicts: VerdictCache, as_of: date, added: Added) -> int | None:
    """Return the number of accepted warnings if it is certain that nothing is wrong, else None."""
    whole = verdicts.whole()
    if whole is not None:
        return whole
    names = sorted(groups.keys() - {MODULES})
    right = _right(names, groups, verdicts, as_of, added) if len(names) > 1 else None
    if right is None or _clash(right, groups, as_of, added):
        return None
    return sum(verdict.waived for verdict in right)


def _right(
    names: Sequence[str], groups: Groups, verdicts: VerdictCache, as_of: date, added: Added
) -> list[Verdict] | None:
    """Return the verdict on each partnership, None if anything is wrong with any; one at a time is in memory."""
    from moothall.validation.documents import readings

    modules, wrong = readings(groups[MODULES])
    if wrong:
        return None
    right = []
    for name in names:
        verdict = verdicts.of(name)
        if verdict is None:
            verdict = _verdict(groups[name], modules, as_of, added)
            if verdict is None:
                return None
            verdicts.keep(name, verdict)
        right.append(verdict)
    return right


def _verdict(files: Sequence[Source], modules: Sequence[Reading], as_of: date, added: Added) -> Verdict | None:
    """Return the verdict on one partnership, None if anything is wrong with it."""
    from moothall.language.checks.waivers import apply_waivers
    from moothall.validation.claims import claims
    from moothall.validation.documents import checked, readings

    own, wrong = readings(files)
    if wrong:
        return None
    definitions, found = checked([*own, *modules], as_of, added)
    settled, waived = apply_waivers(definitions, found)
    return None if settled else Verdict(waived, claims(definitions))


def _clash(right: Sequence[Verdict], groups: Groups, as_of: date, added: Added) -> bool:
    """Say whether anything is wrong between partnerships with each of which nothing is."""
    from moothall.validation.claims import meet

    if not meet(verdict.claims for verdict in right):
        return False
    from moothall.language.checks.scope import Scope
    from moothall.language.rules import check
    from moothall.validation.documents import decoded

    files = [file for members in groups.values() for file in members]
    return any(check(decoded(files, as_of, added), Scope.EVERYWHERE))
