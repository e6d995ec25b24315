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
from moothall.operations.offboarding.manifest import Manifest, content_of, fingerprint, unlike
from moothall.operations.offboarding.scratch_server import scratch
from moothall.postgres.content import attachments, content, differences
from moothall.postgres.session import SUPERUSER, Session
from moothall.report.markdown import code, plain
from moothall.report.results.view import ResultsView, view

_MOST = 5
"""Differences that a detail tells; the rest are counted."""


class Evidence(ResultsView):
    """What a proof came to: whose export, the SHA-256 of its manifest, and when (ISO 8601)."""

    council: str
    manifest: str
    at: str


def prove(folder: Path, engine: Engine, image: str) -> tuple[CheckResult, ...]:
    """Return what came of proving an export; nothing of it is changed.

    `engine` and `image` are where and of what the throw-away server is made. Raises `Inconclusive` for a folder that
    is no export.
    """
    manifest = manifests.read(folder)
    council = manifest["council"]["name"]
    results = [_timed(f"checksums.{council}", "every file is as the manifest says", lambda: unlike(folder, manifest))]
    if results[0].status != PASSED:
        return tuple(results)
    for instance in manifest["tenants"]:
        results += _restored(folder, manifest, instance, engine, image)
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
    """Say whether the evidence beside an export is of this very export, and all in it passed."""
    try:
        evidence = json.loads((folder / "proof.json").read_text(encoding="utf-8"))
        passed = [result["status"] == PASSED for result in evidence["results"]]
        return bool(passed) and all(passed) and evidence["manifest"] == fingerprint(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def told(wrong: Sequence[str]) -> str:
    """Return differences in one line, not more of them than anybody reads."""
    more = len(wrong) - _MOST
    return "; ".join([*wrong[:_MOST], *([f"and {more} more"] if more > 0 else [])])


def _restored(folder: Path, manifest: Manifest, instance: str, engine: Engine, image: str) -> list[CheckResult]:
    """Restore one tenant into a server of its own and look at it there."""
    tenant = manifest["tenants"][instance]
    council, title = manifest["council"]["name"], tenant["title"]
    begun = time.monotonic()
    try:
        with scratch(engine, image, manifest["partnership"]) as server:
            restore(server, folder / tenant["dump"], tenant["database"])
            session = server.session(SUPERUSER, tenant["database"])
            took = round(time.monotonic() - begun, 3)
            detail = f"PostgreSQL {manifest['versions']['postgresql']}, a server of its own in no network"
            return [
                CheckResult(
                    f"restore.{council}.{instance}", f"{title}: the dump can be restored", PASSED, detail, took
                ),
                _timed(
                    f"tables.{council}.{instance}",
                    f"{title}: {len(tenant['tables'])} tables hold the same rows as before",
                    lambda: differences(content_of(tenant), content(session)),
                ),
                _timed(
                    f"attachments.{council}.{instance}",
                    f"{title}: {len(tenant['attachments'])} attachments are those of the database",
                    lambda: _unlike_attachments(folder, tenant, session),
                ),
            ]
    except Inconclusive as reason:
        return [CheckResult(f"restore.{council}.{instance}", f"{title}: the dump can be restored", FAILED, str(reason))]


def _unlike_attachments(folder: Path, tenant: Manifest, session: Session) -> list[str]:
    inside = attachments(session)
    files = {
        str(each["id"]): hashlib.sha256((folder / each["path"]).read_bytes()).hexdigest()
        for each in tenant["attachments"]
        if "path" in each
    }
    return [f"attachment {id_} differs" for id_ in sorted({*inside, *files}) if inside.get(id_) != files.get(id_)]


def _timed(id_: str, subject: str, look: Callable[[], list[str]]) -> CheckResult:
    begun = time.monotonic()
    try:
        wrong = look()
        status, detail = (FAILED, told(wrong)) if wrong else (PASSED, "")
    except Inconclusive as reason:
        status, detail = COULD_NOT_RUN, str(reason)
    return CheckResult(id_, subject, status, detail, round(time.monotonic() - begun, 3))


def _page(manifest: Manifest, evidence: Evidence) -> Iterator[str]:
    yield f"# Hand-over proof: {plain(manifest['council']['title'])}"
    yield ""
    yield f"Exported {plain(manifest['taken'])} by {plain(manifest['by'])}, proved {evidence['at']}."
    yield f"SHA-256 of the manifest: `{evidence['manifest']}`."
    yield ""
    yield "| what | outcome | seconds | detail |"
    yield "|---|---|---|---|"
    for result in evidence["results"]:
        what, found = plain(result["subject"]), plain(result["detail"])
        yield f"| {what} | {result['status']} | {result['seconds']:.1f} | {found} |"
    yield ""
    for instance, tenant in manifest["tenants"].items():
        rows = sum(table["rows"] for table in tenant["tables"].values())
        frozen = "frozen before" if tenant["frozen"] else "still in use"
        size = f"{rows} rows in {len(tenant['tables'])} tables, {len(tenant['attachments'])} attachments"
        yield f"- {code(instance)}: {size}; {frozen}."
