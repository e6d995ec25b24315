"""The common part of `diff` and `affected`: the choice of the two revisions, and the review of their differences."""

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
from moothall.revisions import InvalidRevision, Pair, Revisions, Side, partnerships, revisions
from moothall.settings.day import certificates_day
from moothall.validation.store import cache_of

if TYPE_CHECKING:
    from moothall.model.engines import Engines
    from moothall.report.diff.view import DiffView, Revision
    from moothall.review.agreement_changes import Term
    from moothall.review.comparison import Comparison

WORKING_TREE = "the working tree"
_CI_BASE_VARIABLES = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "", "GITHUB_BASE_REF": "origin/"}
"""The variables in which GitLab and GitHub name the base, and what git puts before the name."""
_INSTANCE_KEYS = ("instances", "shares", "uses", "offered")


def review(context: Context, names: str | None, base_as_of: date | None) -> DiffView:
    """Return the view of what changes between the two revisions that are named, as `sides` reads them.

    `base_as_of` is the day on which the base is looked at, that of the head if None.

    Raises InvalidDefinitions with the findings when one of them is not sound, and OperationError for a revision, or a
    selection, that is not there.
    """
    from moothall.report.diff.view import view
    from moothall.review.agreement_changes import terms
    from moothall.review.lines import changed_lines

    revision_pair = _revisions(context, names, base_as_of)
    _check_selection(context, revision_pair)
    lines = [line for before, after in revision_pair.files for line in changed_lines(before, after)]
    comparisons = [_compare(pair) for pair in revision_pair.pairs]
    agreement_terms = terms(comparisons, lines, [folder for pair in revision_pair.pairs for folder in pair.folders])
    selected_comparisons = [
        _select_stacks(context, comparison)
        for comparison in comparisons
        if context.partnership in (None, comparison.partnership)
    ]
    selected_terms = [term for term in agreement_terms if _is_term_selected(context, term)]
    notes = list(_notes(context, revision_pair))
    return view(
        selected_comparisons, lines, selected_terms, _revision(revision_pair.base), _revision(revision_pair.head), notes
    )


def sides(
    names: str | None, repository: Repository, environment: Mapping[str, str]
) -> tuple[tuple[str, str], str | None]:
    """Return the base, as its name and its commit, and the name of the head (None is the working tree).

    `A..B` and `A` are taken as they are, as by `git diff`; `A...B` begins where the two parted. Without a base it is
    where the head and the main branch parted.
    """
    separator = "..." if names and "..." in names else ".."
    base, _, head = (names or "").partition(separator)
    head_name = (head or "HEAD") if names and separator in names else None
    if not base:
        return _merge_base(repository, head_name or "HEAD", environment), head_name
    commit = repository.commit(base)
    return (
        base,
        repository.merge_base(commit, repository.commit(head_name or "HEAD")) if separator == "..." else commit,
    ), head_name


def _merge_base(repository: Repository, head: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the name and the commit of the merge base of the head and the target branch: CI's, or else main.

    Raises OperationError when git does not have the base that CI names: another one would show another change.
    """
    for variable, prefix in _CI_BASE_VARIABLES.items():
        if name := environment.get(variable):
            target = repository.find(prefix + name)
            if target is None:
                raise _missing_base_error(variable, name, prefix)
            return f"merge base with {prefix}{name}", repository.merge_base(target, repository.commit(head))
    for name in ("origin/main", "main"):
        if target := repository.find(name):
            return f"merge base with {name}", repository.merge_base(target, repository.commit(head))
    raise OperationError("there is no branch main to compare with", hint="moothall diff BASE", exit_code=USAGE)


def _missing_base_error(variable: str, name: str, prefix: str) -> OperationError:
    return OperationError(
        f"{variable} names {name!r} as the base, and git does not have {prefix}{name}",
        state="Nothing was compared.",
        hint=f"git fetch origin {shlex.quote(name)}",
        exit_code=USAGE,
    )


def _revisions(context: Context, names: str | None, base_as_of: date | None) -> Revisions:
    from moothall.report.diagnostics.view import answer

    repository = Repository(context.root)
    (name, base), head_name = sides(names, repository, os.environ)
    base_side = Side(name, base, base_as_of or context.as_of)
    head_side = Side(head_name or WORKING_TREE, repository.commit(head_name) if head_name else None, context.as_of)
    try:
        return revisions(repository, base_side, head_side, cache_of(context.root), _engines(context))
    except InvalidRevision as invalid:
        validation, side = invalid.result, invalid.side
        side_name = "the base" if side is base_side else "the head"
        head_note = "; the head is valid" if side is base_side else ""
        context.progress.stage(f"{side_name}, {_label(side)}, is not valid{head_note}")
        raise InvalidDefinitions(answer(validation.diagnostics, validation.files, revision=_revision(side))) from None


def _engines(context: Context) -> Engines | None:
    """Return the engines that a file names, for what links engines is published by one and found by the other."""
    if not context.engines_file and not (context.root / "stacks" / "engines.yaml").exists():
        return None  # not even the local one has to be there
    return engines_of(context)


def _notes(context: Context, revision_pair: Revisions) -> Iterator[str]:
    """Yield notes on other folders that affect the stacks and differ; moothall's code if it is in this repository."""
    repository = Repository(context.root)
    for folder in ("images", "src", "stacks") if context.root.resolve() == paths.PROJECT else ("stacks",):
        if revision_pair.base.commit and repository.differs(
            revision_pair.base.commit, revision_pair.head.commit, folder
        ):
            yield f"{folder}/ differs too; both sides are compiled with what is here, `moothall preview` shows the rest"


def _compare(pair: Pair) -> Comparison:
    from moothall.review.comparison import compare

    return compare(pair.base, pair.head, pair.units, certificates_day())


def _select_stacks(context: Context, comparison: Comparison) -> Comparison:
    from dataclasses import replace

    stacks = tuple(review for review in comparison.stacks if context.selects(review.stack))
    return replace(comparison, stacks=stacks)


def _is_term_selected(context: Context, term: Term) -> bool:
    """Say whether a term belongs to the selection: a council chooses those that it has to agree to, too."""
    line = term.line
    noun, name = [*line.route[1:3], "", ""][:2]
    owner = f"/councils/{context.council}.yaml"
    return (
        (context.partnership is None or line.path.startswith(f"partnerships/{context.partnership}/"))
        and (context.council is None or context.council in term.agreement or line.path.endswith(owner))
        and (context.site is None or (noun, name) == ("sites", context.site))
        and (context.instance is None or (noun in _INSTANCE_KEYS and name == context.instance))
    )


def _check_selection(context: Context, revision_pair: Revisions) -> None:
    """Raise OperationError for a name that neither side knows."""
    if not (context.partnership or context.council or context.site or context.instance):
        return
    known_partnerships = partnerships(revision_pair)
    base_stacks = [stack for pair in revision_pair.pairs if pair.base for stack in pair.base.stacks]
    councils = [path.rsplit("/", 1)[1].removesuffix(".yaml") for path in revision_pair.texts if "/councils/" in path]
    names = {
        "partnership": [*(p.metadata.name for p in known_partnerships), *(pair.name for pair in revision_pair.pairs)],
        "council": [*councils, *(stack.council for stack in base_stacks if stack.council)],
        "site": [*(site for p in known_partnerships for site in p.sites), *(stack.site for stack in base_stacks)],
        "instance": [
            *(name for p in known_partnerships for name in p.instances),
            *(s.unit for s in base_stacks if s.kind == "instance"),
        ],
    }
    for noun, existing_names in names.items():
        check_name(noun, getattr(context, noun), existing_names)


def _revision(side: Side) -> Revision:
    return {"name": side.name, "commit": side.commit, "asOf": side.as_of.isoformat()}


def _label(side: Side) -> str:
    return f"{side.name} ({side.commit[:12]})" if side.commit and side.commit != side.name else side.name
