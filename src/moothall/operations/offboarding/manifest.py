"""The manifest of an export: what was taken, of whom, when and by what, and the SHA-256 of every file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from moothall import __version__, json_text, private
from moothall.failures import Inconclusive
from moothall.operations.offboarding import manifest_shape
from moothall.operations.offboarding.export import ATTACHMENTS, DUMP, DatabaseExport
from moothall.operations.offboarding.tenancy import Tenancy
from moothall.postgres.content import Content, Table

MANIFEST = "manifest.json"
PROOF = ("proof.json", "proof.md")
"""Written after the manifest, about it."""

Manifest = Mapping[str, Any]
"""The JSON of a manifest; docs/leaving.md says what its members mean."""


class TenancyExport(NamedTuple):
    """The export of one tenancy, and whether it was frozen then."""

    tenancy: Tenancy
    database_export: DatabaseExport
    was_frozen: bool


def view(
    partnership: str, exports: Sequence[TenancyExport], versions: Mapping[str, str], modules: Mapping[str, str]
) -> dict[str, object]:
    """Return the manifest, yet without its files; `versions` are those of the programs, `modules` of Tryton's."""
    council = exports[0].tenancy.council.metadata
    return {
        "schemaVersion": 1,
        "council": {"name": council.name, "uid": council.uid, "title": council.title},
        "partnership": partnership,
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": f"moothall {__version__}",
        "versions": versions,
        "tenants": {export.tenancy.instance: _tenant(export, modules) for export in exports},
    }


def write(folder: Path, manifest: Manifest) -> None:
    """Write a manifest beside the files of an export, with what each of them is now."""
    document = {**manifest, "files": {path: _file(folder / path) for path in paths(folder)}}
    private.write(folder / MANIFEST, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def read(folder: Path) -> Manifest:
    """Return the manifest of an export; raises `Inconclusive` for a folder that is none.

    An export may come from anybody: no name in it leads out of its folder, and none is anything but a name.
    """
    try:
        manifest: Manifest = json_text.parse((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest_shape.check_manifest(manifest, DUMP, ATTACHMENTS)
    except (OSError, ValueError) as error:
        raise Inconclusive(f"{folder} is no export: {MANIFEST} cannot be read ({error}).") from error
    return manifest


def find_deviations(folder: Path, manifest: Manifest) -> list[str]:
    """Return a sentence for each deviation of a folder from its manifest."""
    expected_files, actual_paths = manifest["files"], set(paths(folder))
    links = [f"{path.relative_to(folder)} is a link" for path in sorted(folder.rglob("*")) if path.is_symlink()]
    deviations = links + [f"{path} is missing" for path in sorted(set(expected_files) - actual_paths)]
    deviations += [f"{path} is not in the manifest" for path in sorted(actual_paths - set(expected_files))]
    return deviations + [
        f"{path} was changed"
        for path in sorted(actual_paths & set(expected_files))
        if _file(folder / path) != expected_files[path]
    ]


def content_of(tenant: Manifest) -> Content:
    """Return the tables of a tenant in a manifest."""
    return {name: Table(table["rows"], table["digest"]) for name, table in tenant["tables"].items()}


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 of the manifest itself: who has kept it can tell this export from any other."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


def paths(folder: Path) -> list[str]:
    """Return the path of every file of an export that a manifest lists."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    relative_paths = (path.relative_to(folder).as_posix() for path in files)
    return sorted(path for path in relative_paths if path not in (MANIFEST, *PROOF))


def _tenant(tenancy_export: TenancyExport, modules: Mapping[str, str]) -> dict[str, object]:
    tenancy, database_export, was_frozen = tenancy_export
    instance = tenancy.instance
    files = [
        {**attachment, "path": f"{instance}/{attachment['path']}"} if "path" in attachment else attachment
        for attachment in database_export.attachments
    ]
    return {
        "title": tenancy.tenant.instance_title,
        "database": tenancy.database,
        "frozen": was_frozen,
        "dump": f"{instance}/{DUMP}",
        "modules": sorted(tenancy.tenant.modules),
        "trytonModules": {name: modules.get(name, "") for name in database_export.modules},
        "tables": {name: table._asdict() for name, table in database_export.tables.items()},
        ATTACHMENTS: files,
    }


def _file(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
