"""The hand-over proof: an export is whole, can be restored, holds what it says; the evidence is written beside it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from moothall import json_text, private
from moothall.docker_engine.engine import Engine
from moothall.failures import Inconclusive
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.operations.offboarding import manifest as manifests
from moothall.operations.offboarding.loading import RestoreFailed, restore
from moothall.operations.offboarding.manifest import Manifest, content_of, find_deviations, fingerprint
from moothall.operations.offboarding.scratch_server import scratch
from moothall.postgres.content import attachments, content, differences
from moothall.postgres.server import DatabaseServer
from moothall.postgres.session import Session
from moothall.report.markdown import code, plain
from moothall.report.results.view import ResultsView, view

_MAX_DEVIATIONS = 5
"""Deviations that a detail lists; the others are counted."""


class Evidence(ResultsView):
    """The results of a proof: whose export, the SHA-256 of its manifest, and when (ISO 8601)."""

    council: str
    manifest: str
    at: str


def prove(folder: Path, choose_engine: Callable[[], Engine], image: str) -> tuple[CheckResult, ...]:
    """Return the results of proving an export; nothing of it is changed.

    `choose_engine` says where the throw-away servers are made, and raises `Inconclusive` where that cannot be known;
    `image` is of what. Raises `Inconclusive` for a folder that is no export.
    """
    manifest = manifests.read(folder)
    council = manifest["council"]["name"]
    results = [
        _timed_check(
            f"checksums.{council}", "every file is as the manifest says", lambda: find_deviations(folder, manifest)
        )
    ]
    if results[0].status != PASSED:
        return tuple(results)
    for instance in manifest["tenants"]:
        results += _restore_results(folder, manifest, instance, choose_engine, image)
    return tuple(results)


def write(folder: Path, results: Sequence[CheckResult]) -> None:
    """Write the evidence: the results as JSON, and as a page for people."""
    manifest = manifests.read(folder)
    evidence: Evidence = {
        **view(results),
        "council": manifest["council"]["name"],
        "manifest": fingerprint(folder),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    private.write(folder / "proof.json", json.dumps(evidence, indent=1) + "\n")
    private.write(folder / "proof.md", "\n".join(_page(manifest, evidence)) + "\n")


def is_proved(folder: Path) -> bool:
    """Return whether the evidence beside an export is of this very export, and all in it passed."""
    try:
        evidence = json_text.parse((folder / "proof.json").read_text(encoding="utf-8"))
        outcomes = [result["status"] == PASSED for result in evidence["results"]]
        return bool(outcomes) and all(outcomes) and evidence["manifest"] == fingerprint(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def describe_deviations(deviations: Sequence[str]) -> str:
    """Return deviations in one line: the first few, and the number of the others."""
    rest_count = len(deviations) - _MAX_DEVIATIONS
    return "; ".join([*deviations[:_MAX_DEVIATIONS], *([f"and {rest_count} more"] if rest_count > 0 else [])])


def _restore_results(
    folder: Path, manifest: Manifest, instance: str, choose_engine: Callable[[], Engine], image: str
) -> list[CheckResult]:
    """Restore one tenant into a server of its own and look at it there.

    An engine or a server that does not answer is neither good nor bad news about the export.
    """
    council, title = manifest["council"]["name"], manifest["tenants"][instance]["title"]
    start_time = time.monotonic()
    results: list[CheckResult] = []
    try:
        with scratch(choose_engine(), image, manifest["partnership"]) as server:
            results += _looks_at_restored(folder, manifest, instance, server, start_time)
    except Inconclusive as reason:
        check_id, subject = f"restore.{council}.{instance}", f"{title}: the dump can be restored"
        if results:  # what was seen stays seen: it is the server that could not be removed
            check_id, subject = f"cleared.{council}.{instance}", f"{title}: the server for the proof is removed"
        seconds = round(time.monotonic() - start_time, 3)
        results.append(CheckResult(check_id, subject, COULD_NOT_RUN, str(reason), seconds))
    return results


def _looks_at_restored(
    folder: Path, manifest: Manifest, instance: str, server: DatabaseServer, start_time: float
) -> Iterator[CheckResult]:
    """Yield whether the dump can be restored and, if so, whether it holds what the manifest says."""
    council, tenant = manifest["council"]["name"], manifest["tenants"][instance]
    title = tenant["title"]
    restored = _timed_check(
        f"restore.{council}.{instance}",
        f"{title}: the dump can be restored",
        lambda: _restore_deviations(server, folder / tenant["dump"], tenant["database"]),
        f"PostgreSQL {manifest['versions']['postgresql']}, a server of its own in no network",
        start_time,
    )
    yield restored
    if restored.status != PASSED:
        return
    session = server.tenant_session(tenant["database"])
    yield _timed_check(
        f"tables.{council}.{instance}",
        f"{title}: {len(tenant['tables'])} tables hold the same rows as before",
        lambda: differences(content_of(tenant), content(session)),
    )
    yield _timed_check(
        f"attachments.{council}.{instance}",
        f"{title}: {len(tenant['attachments'])} attachments are those of the database",
        lambda: _attachment_deviations(folder, tenant, session),
    )


def _restore_deviations(server: DatabaseServer, dump: Path, database: str) -> list[str]:
    """Restore a dump and return why it cannot be restored; nothing when it could be."""
    try:
        restore(server, dump, database)
    except RestoreFailed as reason:
        return [str(reason)]
    return []


def _attachment_deviations(folder: Path, tenant: Manifest, session: Session) -> list[str]:
    database_digests = attachments(session)
    file_digests = {
        str(attachment["id"]): hashlib.sha256((folder / attachment["path"]).read_bytes()).hexdigest()
        for attachment in tenant["attachments"]
        if "path" in attachment
    }
    return [
        f"attachment {attachment_id} differs"
        for attachment_id in sorted({*database_digests, *file_digests})
        if database_digests.get(attachment_id) != file_digests.get(attachment_id)
    ]


def _timed_check(
    check_id: str,
    subject: str,
    check: Callable[[], list[str]],
    passed_detail: str = "",
    start_time: float | None = None,
) -> CheckResult:
    """Return the result of a check, which counts from `start_time` if it began before."""
    start_time = time.monotonic() if start_time is None else start_time
    try:
        deviations = check()
        status, detail = (FAILED, describe_deviations(deviations)) if deviations else (PASSED, passed_detail)
    except Inconclusive as reason:
        status, detail = COULD_NOT_RUN, str(reason)
    return CheckResult(check_id, subject, status, detail, round(time.monotonic() - start_time, 3))


def _page(manifest: Manifest, evidence: Evidence) -> Iterator[str]:
    yield f"# Hand-over proof: {plain(manifest['council']['title'])}"
    yield ""
    yield f"Exported {plain(manifest['taken'])} by {plain(manifest['by'])}, proved {evidence['at']}."
    yield f"SHA-256 of the manifest: `{evidence['manifest']}`."
    yield ""
    yield "| what | outcome | seconds | detail |"
    yield "|---|---|---|---|"
    for result in evidence["results"]:
        what, detail = plain(result["subject"]), plain(result["detail"])
        yield f"| {what} | {result['status']} | {result['seconds']:.1f} | {detail} |"
    yield ""
    for instance, tenant in manifest["tenants"].items():
        rows = sum(table["rows"] for table in tenant["tables"].values())
        freeze_state = "frozen before" if tenant["frozen"] else "still in use"
        size = f"{rows} rows in {len(tenant['tables'])} tables, {len(tenant['attachments'])} attachments"
        yield f"- {code(instance)}: {size}; {freeze_state}."
