"""What `diff` and `affected` have in common: which two revisions are meant, and the review of what differs."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from moothall import paths
from moothall.failures import USAGE, OperationError
from moothall.language.git.revision import Repository
from moothall.model.outcome import InvalidDefinitions
from moothall.operations.context import Context
from moothall.operations.definitions import check_name, engines_of
from moothall.revisions import Invalid, Pair, Revisions, Side, partnerships, revisions
from moothall.settings.day import certificates_day
from moothall.validation.store import cache_of

if TYPE_CHECKING:
    from moothall.model.engines import Engines
    from moothall.report.diff.view import DiffView, Revision
    from moothall.review.agreement_changes import Term
    from moothall.review.comparison import Comparison

WORKING_TREE = "the working tree"
_NAMED_BY_CI = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "", "GITHUB_BASE_REF": "origin/"}
"""The variables in which GitLab and GitHub name the base, and what git puts before the name."""
_OF_INSTANCES = ("instances", "shares", "uses", "offered")


def review(context: Context, names: str | None, base_as_of: date | None) -> DiffView:
    """Return the view of what changes between the two revisions that are named, as `sides` reads them.

    `base_as_of` is the day on which the base is looked at, that of the head if None.

    Raises InvalidDefinitions with the findings when one of them is not sound, and OperationError for a revision, or a
    selection, that is not there.
    """
    from moothall.report.diff.view import view
    from moothall.review.agreement_changes import terms
    from moothall.review.lines import changed_lines

    found = _revisions(context, names, base_as_of)
    _check_selection(context, found)
    lines = [line for before, after in found.files for line in changed_lines(before, after)]
    compared = [_compared(pair) for pair in found.pairs]
    agreed = terms(compared, lines, [folder for pair in found.pairs for folder in pair.folders])
    shown = [_selected(context, each) for each in compared if context.partnership in (None, each.partnership)]
    chosen = [term for term in agreed if _chosen(context, term)]
    notes = list(_notes(context, found))
    return view(shown, lines, chosen, _revision(found.base), _revision(found.head), notes)


def sides(names: str | None, known: Repository, environment: Mapping[str, str]) -> tuple[tuple[str, str], str | None]:
    """Return the base, as it was called and as a commit, and the name of the head (None is the working tree).

    `A..B` and `A` are taken as they are, as by `git diff`; `A...B` begins where the two parted. Without a base it is
    where the head and the main branch parted.
    """
    dots = "..." if names and "..." in names else ".."
    base, _, head = (names or "").partition(dots)
    after = (head or "HEAD") if names and dots in names else None
    if not base:
        return _parting(known, after or "HEAD", environment), after
    commit = known.commit(base)
    return (base, known.merge_base(commit, known.commit(after or "HEAD")) if dots == "..." else commit), after


def _parting(known: Repository, head: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return where the head and the branch that it is to be merged into parted, by what CI says or by custom.

    Raises OperationError when git does not have the base that CI names: another one would show another change.
    """
    for variable, before in _NAMED_BY_CI.items():
        if name := environment.get(variable):
            target = known.find(before + name)
            if target is None:
                raise _not_fetched(variable, name, before)
            return f"merge base with {before}{name}", known.merge_base(target, known.commit(head))
    for name in ("origin/main", "main"):
        if target := known.find(name):
            return f"merge base with {name}", known.merge_base(target, known.commit(head))
    raise OperationError("there is no branch main to compare with", hint="moothall diff BASE", exit_code=USAGE)


def _not_fetched(variable: str, name: str, before: str) -> OperationError:
    return OperationError(
        f"{variable} names {name!r} as the base, and git does not have {before}{name}",
        state="Nothing was compared.",
        hint=f"git fetch origin {shlex.quote(name)}",
        exit_code=USAGE,
    )


def _revisions(context: Context, names: str | None, base_as_of: date | None) -> Revisions:
    from moothall.report.diagnostics.view import answer

    known = Repository(context.root)
    (name, base), after = sides(names, known, os.environ)
    before = Side(name, base, base_as_of or context.as_of)
    head = Side(after or WORKING_TREE, known.commit(after) if after else None, context.as_of)
    try:
        return revisions(known, before, head, cache_of(context.root), _engines(context))
    except Invalid as invalid:
        found, side = invalid.found, invalid.side
        where = "the base" if side is before else "the head"
        valid = "; the head is valid" if side is before else ""
        context.progress.stage(f"{where}, {_called(side)}, is not valid{valid}")
        raise InvalidDefinitions(answer(found.diagnostics, found.files, revision=_revision(side))) from None


def _engines(context: Context) -> Engines | None:
    """Return the engines that a file names, for what links engines is published by one and found by the other."""
    if not context.engines_file and not (context.root / "stacks" / "engines.yaml").exists():
        return None  # not even the local one has to be there
    return engines_of(context)


def _notes(context: Context, found: Revisions) -> Iterator[str]:
    """Say what else differs that decides what stands; moothall itself where it is in the same repository."""
    known = Repository(context.root)
    for folder in ("images", "src", "stacks") if context.root.resolve() == paths.PROJECT else ("stacks",):
        if found.base.commit and known.differs(found.base.commit, found.head.commit, folder):
            yield f"{folder}/ differs too; both sides are compiled with what is here, `moothall preview` shows the rest"


def _compared(pair: Pair) -> Comparison:
    from moothall.review.comparison import compare

    return compare(pair.base, pair.head, pair.units, certificates_day())


def _selected(context: Context, compared: Comparison) -> Comparison:
    from dataclasses import replace

    stacks = tuple(review for review in compared.stacks if context.selects(review.stack))
    return replace(compared, stacks=stacks)


def _chosen(context: Context, term: Term) -> bool:
    """Say whether a term belongs to the selection: a council chooses those that it has to agree to, too."""
    line = term.line
    noun, name = [*line.route[1:3], "", ""][:2]
    owner = f"/councils/{context.council}.yaml"
    return (
        (context.partnership is None or line.path.startswith(f"partnerships/{context.partnership}/"))
        and (context.council is None or context.council in term.agreement or line.path.endswith(owner))
        and (context.site is None or (noun, name) == ("sites", context.site))
        and (context.instance is None or (noun in _OF_INSTANCES and name == context.instance))
    )


def _check_selection(context: Context, found: Revisions) -> None:
    """Raise OperationError for a name that neither side knows."""
    if not (context.partnership or context.council or context.site or context.instance):
        return
    known = partnerships(found)
    were = [stack for pair in found.pairs if pair.base for stack in pair.base.stacks]
    councils = [path.rsplit("/", 1)[1].removesuffix(".yaml") for path in found.texts if "/councils/" in path]
    names = {
        "partnership": [*(p.metadata.name for p in known), *(pair.name for pair in found.pairs)],
        "council": [*councils, *(stack.council for stack in were if stack.council)],
        "site": [*(site for p in known for site in p.sites), *(stack.site for stack in were)],
        "instance": [*(name for p in known for name in p.instances), *(s.unit for s in were if s.kind == "instance")],
    }
    for noun, there in names.items():
        check_name(noun, getattr(context, noun), there)


def _revision(side: Side) -> Revision:
    return {"name": side.name, "commit": side.commit, "asOf": side.as_of.isoformat()}


def _called(side: Side) -> str:
    return f"{side.name} ({side.commit[:12]})" if side.commit and side.commit != side.name else side.name
