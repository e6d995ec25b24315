"""Check all definitions below a root and list everything that is wrong with them."""

from __future__ import annotations

import argparse
from typing import NamedTuple

from moothall.cache import Cache
from moothall.failures import USAGE, OperationError
from moothall.model.outcome import Report
from moothall.model.uses import Uses
from moothall.operations.context import Context
from moothall.report.diagnostics.view import answer
from moothall.validation.store import cache_of
from moothall.validation.validate import ValidationResult, validate

HELP = (
    "Check all definitions below a root and list everything that is wrong, each with its place and the way to mend it."
)
USES = Uses(formats=("text", "json", "sarif", "junit", "github"))


class Options(NamedTuple):
    """Whether files are corrected, or only shown corrected, whether earlier runs are forgotten, and whose files."""

    fix: bool
    dry_run: bool
    no_cache: bool
    revision: str | None


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options for correcting files, for forgetting earlier runs, and for files that git has."""
    parser.add_argument("--fix", action="store_true", help="make every correction that is certain, then check again")
    parser.add_argument(
        "--dry-run", "--diff", action="store_true", help="with --fix: show the changes as a diff and write nothing"
    )
    parser.add_argument(
        "--no-cache", action="store_true", help="work everything out anew; the answer is the same, only later"
    )
    parser.add_argument(
        "--revision", metavar="REVISION", help="check the files that git has in a revision; those on disk if left out"
    )


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(
        fix=namespace.fix, dry_run=namespace.dry_run, no_cache=namespace.no_cache, revision=namespace.revision
    )


def run(options: Options, context: Context) -> Report:
    """Return the findings; with --fix those that are left, what was corrected, and the diff of a dry run.

    There is no selection: one council's file cannot be right or wrong without the others.
    """
    if options.dry_run and not options.fix:
        raise OperationError(
            "--dry-run shows what --fix would do", hint="moothall validate --fix --dry-run", exit_code=USAGE
        )
    if options.fix and options.revision:
        raise OperationError(
            "--fix corrects files on disk, and --revision reads those that git has",
            hint="moothall validate --fix",
            exit_code=USAGE,
        )
    if options.fix:
        return _fix(options, context)
    validation = _validate(options, context)
    return answer(validation.diagnostics, validation.files, validation.waived_count)


def _validate(options: Options, context: Context) -> ValidationResult:
    if options.revision is None:
        return validate(context.root, context.as_of, _cache(options, context))
    from moothall.language.git.revision import Repository
    from moothall.revisions import validate_commit

    repository = Repository(context.root)
    return validate_commit(repository, repository.commit(options.revision), context.as_of, _cache(options, context))


def _cache(options: Options, context: Context) -> Cache:
    return Cache(None) if options.no_cache else cache_of(context.root)


def _fix(options: Options, context: Context) -> Report:
    """Correct the files, or a copy of them, and return what is left."""
    from moothall.language.edit.lock import exclusive_lock
    from moothall.operations.files.corrections import fix
    from moothall.operations.files.scratch_copy import trial
    from moothall.report.diagnostics.view import corrections_answer
    from moothall.report.edit.file_diff import file_diff

    cache = _cache(options, context)
    if options.dry_run:
        validate(context.root, context.as_of, cache)  # a root that is none is told by its own name, not by the copy's
        with trial(context.root) as copy:
            result = fix(copy, context.as_of, cache)
    else:
        with exclusive_lock(context.root, context.progress.stage):
            result = fix(context.root, context.as_of, cache)
    context.progress.stage(f"{'would be corrected' if options.dry_run else 'corrected'}: {len(result.fixed_findings)}")
    validation, diff = result.validation, file_diff(result.changes) if options.dry_run else None
    return corrections_answer(
        validation.diagnostics, validation.files, validation.waived_count, result.fixed_findings, diff
    )
