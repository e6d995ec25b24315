"""What `diff` and `affected` have in common: which two revisions are meant, and the review of what differs."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from moothall import home
from moothall.failures import USAGE, Failure
from moothall.model.outcome import Answer, Stopped
from moothall.operations import session
from moothall.pipeline import cache_of
from moothall.ports import Progress
from moothall.read.revision import Repository
from moothall.revisions import Invalid, Pair, Revisions, Side, partnerships, revisions
from moothall.settings.day import certificates_day, day

if TYPE_CHECKING:
    from moothall.model.engines import Engines
    from moothall.review.comparison import Comparison
    from moothall.review.terms import Term

WORKING_TREE = "the working tree"
_NAMED_BY_CI = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "", "GITHUB_BASE_REF": "origin/"}
"""The variables in which GitLab and GitHub name the base, and what git puts before the name."""
_OF_INSTANCES = ("instances", "shares", "uses", "offered")


def arguments(parser: argparse.ArgumentParser, metavar: str) -> None:
    """Add the revisions and the day on which the base is looked at."""
    words = (
        "from where to where; the base is the merge base with the main branch if left out, the head the working tree"
    )
    parser.add_argument("revisions", nargs="?", metavar=metavar, help=words)
    parser.add_argument(
        "--base-as-of", metavar="DATE", type=day, help="the day of the base, that of the head if left out"
    )


def review(options: argparse.Namespace, progress: Progress) -> dict[str, object]:
    """Return the view of what changes between the two revisions that the options name.

    Raises Stopped with the findings when one of them is not sound, and Failure for a revision, or a selection, that is
    not there.
    """
    from moothall.review.lines import changed_lines
    from moothall.review.terms import terms
    from moothall.review.view import view

    found = _revisions(options, progress)
    _check_selection(options, found)
    lines = [line for before, after in found.files for line in changed_lines(before, after)]
    compared = [_compared(pair) for pair in found.pairs]
    agreed = terms(compared, lines, [folder for pair in found.pairs for folder in pair.folders])
    shown = [_selected(options, each) for each in compared if options.partnership in (None, each.partnership)]
    sides = {"base": _side(found.base), "head": _side(found.head)}
    chosen = [term for term in agreed if _chosen(options, term)]
    return {**view(shown, lines, chosen), **sides, "notes": list(_notes(options, found))}


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

    Raises Failure when git does not have the base that CI names: another one would show another change.
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
    raise Failure("there is no branch main to compare with", mend="moothall diff BASE", exit_code=USAGE)


def _not_fetched(variable: str, name: str, before: str) -> Failure:
    return Failure(
        f"{variable} names {name!r} as the base, and git does not have {before}{name}",
        left="Nothing was compared.",
        mend=f"git fetch origin {shlex.quote(name)}",
        exit_code=USAGE,
    )


def _revisions(options: argparse.Namespace, progress: Progress) -> Revisions:
    from moothall.report.diagnostics import answer

    known = Repository(options.root)
    (name, base), after = sides(options.revisions, known, os.environ)
    before = Side(name, base, options.base_as_of or options.as_of)
    head = Side(after or WORKING_TREE, known.commit(after) if after else None, options.as_of)
    try:
        return revisions(known, before, head, cache_of(options.root), _engines(options))
    except Invalid as invalid:
        found, side = invalid.found, invalid.side
        where = "the base" if side is before else "the head"
        valid = "; the head is valid" if side is before else ""
        progress.stage(f"{where}, {_called(side)}, is not valid{valid}")
        findings = answer(found.diagnostics, found.files)
        raise Stopped(Answer(findings.kind, {**findings.view, "revision": _side(side)}, findings.exit_code)) from None


def _engines(options: argparse.Namespace) -> Engines | None:
    """Return the engines that a file names, for what links engines is published by one and found by the other."""
    if not options.engines and not (options.root / "stacks" / "engines.yaml").exists():
        return None  # not even the local one has to be there
    return session.engines(options)


def _notes(options: argparse.Namespace, found: Revisions) -> Iterator[str]:
    """Say what else differs that decides what stands; moothall itself where it is in the same repository."""
    known = Repository(options.root)
    for folder in ("images", "src", "stacks") if options.root.resolve() == home.PROJECT else ("stacks",):
        if found.base.commit and known.differs(found.base.commit, found.head.commit, folder):
            yield f"{folder}/ differs too; both sides are compiled with what is here, `moothall preview` shows the rest"


def _compared(pair: Pair) -> Comparison:
    from moothall.review.comparison import compare

    return compare(pair.base, pair.head, pair.units, certificates_day())


def _selected(options: argparse.Namespace, compared: Comparison) -> Comparison:
    from dataclasses import replace

    stacks = tuple(review for review in compared.stacks if session.selected(options, review.stack))
    return replace(compared, stacks=stacks)


def _chosen(options: argparse.Namespace, term: Term) -> bool:
    """Say whether a term belongs to the selection: a council chooses those that it has to agree to, too."""
    line = term.line
    noun, name = [*line.route[1:3], "", ""][:2]
    owner = f"/councils/{options.council}.yaml"
    return (
        (options.partnership is None or line.path.startswith(f"partnerships/{options.partnership}/"))
        and (options.council is None or options.council in term.agreement or line.path.endswith(owner))
        and (options.site is None or (noun, name) == ("sites", options.site))
        and (options.instance is None or (noun in _OF_INSTANCES and name == options.instance))
    )


def _check_selection(options: argparse.Namespace, found: Revisions) -> None:
    """Raise Failure for a name that neither side knows."""
    if not (options.partnership or options.council or options.site or options.instance):
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
        session.known(noun, getattr(options, noun), there)


def _side(side: Side) -> dict[str, object]:
    return {"name": side.name, "commit": side.commit, "asOf": side.as_of.isoformat()}


def _called(side: Side) -> str:
    return f"{side.name} ({side.commit[:12]})" if side.commit and side.commit != side.name else side.name
