"""Taking a state out as `pulumi stack export` does, its members in Go's order (`sdk/go/common/apitype/core.go`)."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace

from moothall import json_text
from moothall.pulumi_engine.errors import Locked
from moothall.pulumi_engine.protocol.values import Json
from moothall.pulumi_engine.state import checkpoint, formats, lock
from moothall.pulumi_engine.state.backend import Backend
from moothall.pulumi_engine.state.snapshot import FIELDS, deployment_json
from moothall.pulumi_engine.steps.observer import SILENT

_OWN_MEMBERS = frozenset({"digest", "journal"})
"""What a manifest of ours has besides, of which Pulumi knows nothing."""
_DEPLOYMENT = ("manifest", "secrets_providers", "resources", "pending_operations", "metadata", "snippets", "extensions")
_MEMBERS_AFTER = {"custom": ("delete",), "taint": ("external",), "aliases": ("customTimeouts", "importID")}
_MEMBERS_AFTER |= {"retain_on_delete": ("deletedWith", "replaceWith")}
_RESOURCE = tuple(name for ours, theirs in FIELDS for name in (theirs, *_MEMBERS_AFTER.get(ours, ())))
_LAST_MEMBERS = ("sourcePosition", "stackTrace", "ignoreChanges", "hideDiff", "replaceOnChanges", "replacementTrigger")


def export(backend: Backend, project: str, stack: str) -> dict[str, Json]:
    """The state in the form of `pulumi stack export`, secrets sealed. Raises StateCorrupt.

    What a killed run left in its journal is made the checkpoint, so that Pulumi, which may be next, sees it too.
    """
    if backend.journal(project, stack).exists():
        with contextlib.suppress(Locked), lock.hold(backend, project, stack, SILENT):
            checkpoint.fold(backend, project, stack)
    snapshot = checkpoint.load(backend, project, stack)
    deployment = {"metadata": {}, **deployment_json(replace(snapshot, folded_journal=""))}
    if manifest := _manifest(backend, project, stack):
        deployment["manifest"] = manifest
    for item in deployment.get("pending_operations") or ():
        item["resource"] = _resource(item["resource"])
    deployment["resources"] = [_resource(resource) for resource in deployment.get("resources") or ()]
    if not deployment["resources"]:
        del deployment["resources"]
    return {**formats.format_of(snapshot.resources), "deployment": _order_members(deployment, _DEPLOYMENT)}


def _manifest(backend: Backend, project: str, stack: str) -> Mapping[str, Json]:
    """When and by what the checkpoint was written; nothing while a journal says more than it."""
    path = backend.checkpoint(project, stack)
    if backend.journal(project, stack).exists() or not path.exists():
        return {}
    manifest: Mapping[str, Json] = (
        json_text.parse(path.read_text())["checkpoint"].get("latest", {}).get("manifest") or {}
    )
    return _order_members(
        {name: value for name, value in manifest.items() if name not in _OWN_MEMBERS}, ("time", "magic", "version")
    )


def _resource(resource: Mapping[str, Json]) -> dict[str, Json]:
    return _order_members(
        {name: _sort_members(value) for name, value in resource.items()}, (*_RESOURCE, *_LAST_MEMBERS)
    )


def _order_members(members: Mapping[str, Json], order: tuple[str, ...]) -> dict[str, Json]:
    """Members in the order of Go's struct, those of which it knows nothing last."""
    ordered_members = {name: members[name] for name in order if name in members}
    return {**ordered_members, **{name: value for name, value in members.items() if name not in ordered_members}}


def _sort_members(value: Json) -> Json:
    """A value whose mappings are in the order in which Go writes them."""
    if isinstance(value, Mapping):
        return {name: _sort_members(value[name]) for name in sorted(value)}
    return [_sort_members(item) for item in value] if isinstance(value, list) else value
