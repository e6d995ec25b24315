"""Each failure that `up`, `destroy` and `restore` may meet is made and its advice taken, or it is said why not."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache

from tests.advice import (
    test_advice_destroy,
    test_advice_files,
    test_advice_images,
    test_advice_keys,
    test_advice_restore,
    test_advice_up,
)
from tests.advice.walking import NO_FAILURE, SOURCE

ELSEWHERE = {"operations/confirm.py:confirm"}
"""Made by tests of their own beside the cases."""
PROGRAMS = (
    "pulumi_engine/protocol/resource_types.py:",
    "pulumi_engine/protocol/monitor.py:",
    "pulumi_engine/protocol/marshalling.py:",
    "pulumi_engine/steps/session.py:_",
    "pulumi_engine/state/ledger.py:",
)
"""What a Pulumi program could ask for and ours does not: our own mistake, tried in tests/pulumi_engine/test_pure.py."""
NOT = {
    "pulumi_cli/command.py:_version": "needs a CLI that does not run: tests/pulumi_cli/test_installation.py",
    "pulumi_cli/leftovers.py:_address": "a state that names no provider: a mistake of ours",
    "pulumi_cli/leftovers.py:_check_owner": "needs Pulumi's CLI: tests/pulumi_cli/test_killed_pulumi.py",
    "pulumi_cli/leftovers.py:_remove": "Docker's own words, of a live engine alone",
    "pulumi_cli/operation.py:_opened": "needs Pulumi's CLI: tests/pulumi_cli/test_remote_pulumi.py",
    "pulumi_cli/remote.py:_unreachable": "needs Pulumi's CLI: tests/pulumi_cli/test_remote_pulumi.py",
    "cli.py:_run_with_error_boundary": "a disk without room for what no other failure tells of",
    "cli.py:_run": "words that are not text: tests/test_cli.py",
    "cli.py:_write": "a reader without room, when all is done: tests/test_cli.py",
    "keys/changes.py:begin": "made by `keys rotate` alone, while it goes on: tests/keys/test_master.py",
    "operations/stacks/apply_phases.py:_have_all_read": "needs Pulumi's CLI, and a proxy that refuses a certificate",
    "operations/stacks/former_sessions.py:end_former_sessions": "falls silent late: tests/operations/test_exchange.py",
    "pulumi_engine/state/checkpoint.py:_bytes": "as `_read`, of which it comes after",
    "pulumi_engine/steps/step_generator.py:_check_label": "a program that labels nothing: a mistake of ours",
    "pulumi_engine/provider/calls.py:engine_at": "an address that is no engine's is found in the file before",
    "pulumi_engine/provider/calls.py:calling": "Docker's own words, of a live engine alone",
    "docker_engine/images/carry.py:_answering_client": "streams between two live engines: tests/live/test_engines.py",
    "docker_engine/images/carry.py:carry": "streams between two live engines: tests/live/test_engines.py",
    "docker_engine/images/host.py:docker_client": "Docker's own words in the middle of a build, of a live engine alone",
    "operations/planning.py:require_built": "these verbs build before: tests/advice/test_images_on_record.py",
    "pulumi_engine/state/lock.py:_write": "a disk that is full between two files of a lock: as `hold_flock`",
    "pulumi_engine/state/passphrase.py:__init__": "an empty passphrase: `_require_length` is asked first",
    "pulumi_engine/steps/step_plan.py:_check_same_engine": "another engine is refused before, or accepted",
    "pulumi_engine/steps/step_plan.py:_check_users": "our program retains what it protects",
    "pulumi_engine/steps/session.py:decide": "a provider that the program does not declare: a mistake of ours",
    "pulumi_engine/steps/session.py:engine_of": "a state that names no provider: a mistake of ours",
    "keys/keyring.py:_open_text": "a cipher that fails in no way of ours",
    "language/git/git.py:_binding_variables": "a machine without git: these verbs ask it for nothing that they need",
    "language/git/git.py:start_process": "a machine without git: these verbs ask it for nothing that they need",
    "report/renderers.py:require": "a form that a verb does not have is refused by `_findings_or_nothing`",
    "operations/tenant_move/guard.py:_refusal": "needs servers that say what they hold: tests/operations/tenant_move",
    "operations/tenant_move/guard.py:data_elsewhere": "an engine that falls silent: tests/operations/tenant_move",
    "operations/stacks/remote_states.py:_refusal": "needs Pulumi's CLI: tests/advice/test_elsewhere_pulumi.py",
    "operations/stacks/remote_states.py:refuse_backend": "needs Pulumi's CLI: tests/advice/test_elsewhere_pulumi.py",
    "settings/day.py:certificates_year": "an agreement of forty years ago: tests/commands/test_variables.py",
}
"""Failures that no test here makes, with the reason."""
VERBS = ("commands/stacks/up.py", "commands/stacks/destroy.py", "commands/recovery/restore.py", "cli.py")


@cache
def imported(file: str) -> frozenset[str]:
    """Return the files of ours that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse((SOURCE / file).read_text())):
        names = [each.name for each in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{name}" for name in names)]
        for name in names:
            place = name.removeprefix("moothall").strip(".").replace(".", "/")
            if name.startswith("moothall."):
                found |= {each for each in (f"{place}.py", f"{place}/__init__.py") if (SOURCE / each).is_file()}
    return frozenset(found)


def reachable() -> set[str]:
    """Return the files that the verbs use, however far away."""
    seen: set[str] = set()
    waiting = list(VERBS)
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting += imported(file)
    return seen


def kinds(files: Mapping[str, ast.Module]) -> set[str]:
    """Return the names of the classes of failures that files define, whatever is imported."""
    classes = [node for tree in files.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    bases = {each.name: {base.id for base in each.bases if isinstance(base, ast.Name)} for each in classes}
    found, before = {"OperationError"}, set[str]()
    while found != before:
        before = set(found)
        found |= {name for name, of in bases.items() if of & found}
    return found


def places(node: ast.AST, file: str, known: set[str], inside: str = "") -> Iterator[str]:
    """Yield where failures of the `known` kinds are made: `file:function`."""
    if isinstance(node, ast.FunctionDef):
        inside = node.name
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        if name in known:
            yield f"{file}:{inside}"
    for child in ast.iter_child_nodes(node):
        yield from places(child, file, known, inside)


def made() -> set[str]:
    """Return where failures are made."""
    files = {file: ast.parse((SOURCE / file).read_text()) for file in reachable()}
    known = kinds(files)
    return {place for file, tree in files.items() for place in places(tree, file, known)}


def walked() -> set[str]:
    """Return where the failures are made that the cases make."""
    files = (test_advice_destroy, test_advice_files, test_advice_images, test_advice_keys, test_advice_restore)
    cases = {case.place for file in (*files, test_advice_up) for case in file.CASES.values()}
    return {*cases, *ELSEWHERE, *(place for place, _ in test_advice_restore.IMPOSSIBLE.values())}


def test_every_failure_is_walked_or_said_why_not() -> None:
    """Who adds a failure adds a case, or says here why there can be none; and what is gone is no more said."""
    there = made()
    assert len(there) > 70
    unknown = {place for place in there - walked() - NOT.keys() if not place.startswith(tuple(PROGRAMS))}
    assert unknown == set(), "no test makes these failures and takes their advice"
    assert (NOT.keys() | walked()) - there == {NO_FAILURE}, "these are made nowhere"
    assert NOT.keys() & walked() == set(), "these are walked, too"
