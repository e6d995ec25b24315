"""The hand-over proof: an export is whole, can be restored, holds what it says; the evidence is written beside it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from moothall import private
from moothall.docker_engine.engine import Engine
from moothall.failures import Inconclusive
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, CheckResult
from moothall.operations.offboarding import manifest as manifests
from moothall.operations.offboarding.loading import restore
from moothall.operations.offboarding.manifest import Manifest, content_of, find_deviations, fingerprint
from moothall.operations.offboarding.scratch_server import scratch
from moothall.postgres.content import attachments, content, differences
from moothall.postgres.session import SUPERUSER, Session
from moothall.report.markdown import code, plain
from moothall.report.results.view import ResultsView, view

_MAX_DEVIATIONS = 5
"""Deviations that a detail lists; the others are counted."""


class Evidence(ResultsView):
    """The results of a proof: whose export, the SHA-256 of its manifest, and when (ISO 8601)."""

    council: str
    manifest: str
    at: str


def prove(folder: Path, engine: Engine, image: str) -> tuple[CheckResult, ...]:
    """Return the results of proving an export; nothing of it is changed.

    `engine` and `image` are where and of what the throw-away server is made. Raises `Inconclusive` for a folder that
    is no export.
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
        results += _restore_results(folder, manifest, instance, engine, image)
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
        evidence = json.loads((folder / "proof.json").read_text(encoding="utf-8"))
        outcomes = [result["status"] == PASSED for result in evidence["results"]]
        return bool(outcomes) and all(outcomes) and evidence["manifest"] == fingerprint(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def describe_deviations(deviations: Sequence[str]) -> str:
    """Return deviations in one line: the first few, and the number of the others."""
    rest_count = len(deviations) - _MAX_DEVIATIONS
    return "; ".join([*deviations[:_MAX_DEVIATIONS], *([f"and {rest_count} more"] if rest_count > 0 else [])])


def _restore_results(folder: Path, manifest: Manifest, instance: str, engine: Engine, image: str) -> list[CheckResult]:
    """Restore one tenant into a server of its own and look at it there."""
    tenant = manifest["tenants"][instance]
    council, title = manifest["council"]["name"], tenant["title"]
    start_time = time.monotonic()
    try:
        with scratch(engine, image, manifest["partnership"]) as server:
            restore(server, folder / tenant["dump"], tenant["database"])
            session = server.session(SUPERUSER, tenant["database"])
            seconds = round(time.monotonic() - start_time, 3)
            detail = f"PostgreSQL {manifest['versions']['postgresql']}, a server of its own in no network"
            return [
                CheckResult(
                    f"restore.{council}.{instance}", f"{title}: the dump can be restored", PASSED, detail, seconds
                ),
                _timed_check(
                    f"tables.{council}.{instance}",
                    f"{title}: {len(tenant['tables'])} tables hold the same rows as before",
                    lambda: differences(content_of(tenant), content(session)),
                ),
                _timed_check(
                    f"attachments.{council}.{instance}",
                    f"{title}: {len(tenant['attachments'])} attachments are those of the database",
                    lambda: _attachment_deviations(folder, tenant, session),
                ),
            ]
    except Inconclusive as reason:
        return [CheckResult(f"restore.{council}.{instance}", f"{title}: the dump can be restored", FAILED, str(reason))]


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


def _timed_check(check_id: str, subject: str, check: Callable[[], list[str]]) -> CheckResult:
    start_time = time.monotonic()
    try:
        deviations = check()
        status, detail = (FAILED, describe_deviations(deviations)) if deviations else (PASSED, "")
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
