"""Resources as a checkpoint records them (Pulumi's deployment format, versions 3 and 4; `sdk/go/common/apitype`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from moothall import __version__
from moothall.pulumi_engine.protocol.urns import provider_urn
from moothall.pulumi_engine.protocol.values import Json

# Our names and Pulumi's, in the order in which Pulumi writes them.
FIELDS: tuple[tuple[str, str], ...] = (
    ("urn", "urn"),
    ("custom", "custom"),
    ("id", "id"),
    ("type", "type"),
    ("inputs", "inputs"),
    ("outputs", "outputs"),
    ("parent", "parent"),
    ("protect", "protect"),
    ("taint", "taint"),
    ("dependencies", "dependencies"),
    ("init_errors", "initErrors"),
    ("provider", "provider"),
    ("property_dependencies", "propertyDependencies"),
    ("pending_replacement", "pendingReplacement"),
    ("additional_secret_outputs", "additionalSecretOutputs"),
    ("aliases", "aliases"),
    ("retain_on_delete", "retainOnDelete"),
    ("created", "created"),
    ("modified", "modified"),
)
LISTS = frozenset({"dependencies", "init_errors", "additional_secret_outputs", "aliases"})


@dataclass(frozen=True)
class Resource:
    """One recorded resource. `inputs` and `outputs` are JSON as stored, secrets sealed; `rest` keeps foreign fields."""

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Mapping[str, Json] = field(default_factory=dict)
    outputs: Mapping[str, Json] = field(default_factory=dict)
    parent: str = ""
    protect: bool = False
    taint: bool = False
    dependencies: tuple[str, ...] = ()
    init_errors: tuple[str, ...] = ()
    provider: str = ""
    property_dependencies: Mapping[str, list[str]] = field(default_factory=dict)
    pending_replacement: bool = False
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    retain_on_delete: bool = False
    created: str = ""
    modified: str = ""
    rest: Mapping[str, Json] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the Docker object, empty where the inputs give none."""
        name = self.inputs.get("name", "")
        return name if isinstance(name, str) else ""

    @property
    def failed(self) -> bool:
        """Whether its creation did not succeed."""
        return bool(self.init_errors) or self.taint

    def needs(self) -> Iterator[str]:
        """The URNs that must come before this resource: parent, provider and all dependencies."""
        if self.parent:
            yield self.parent
        if self.provider:
            yield provider_urn(self.provider)
        yield from self.dependencies
        for urns in self.property_dependencies.values():
            yield from urns


@dataclass(frozen=True)
class Pending:
    """A Docker call that was begun and whose end is not recorded."""

    resource: Resource
    type: Literal["creating", "updating", "deleting"]


@dataclass(frozen=True)
class Snapshot:
    """All that a checkpoint holds of one stack; `salt_line` belongs to the passphrase.

    `folded_journal` is the id of the journal whose moves are in it, empty when it was written without one.
    """

    resources: tuple[Resource, ...] = ()
    pending: tuple[Pending, ...] = ()
    salt_line: str | None = None
    rest: Mapping[str, Json] = field(default_factory=dict)
    folded_journal: str = ""


def resource_from(data: Mapping[str, Json]) -> Resource:
    """A resource of its JSON object. Raises KeyError without urn or type."""
    known_members = {theirs for _, theirs in FIELDS}
    values: dict[str, Any] = {ours: data[theirs] for ours, theirs in FIELDS if data.get(theirs) is not None}
    for name in LISTS & values.keys():
        values[name] = tuple(values[name])
    values["custom"] = bool(data.get("custom"))
    return Resource(**{**values, "urn": data["urn"], "type": data["type"]}, rest=_foreign_members(data, known_members))


def resource_json(resource: Resource) -> dict[str, Json]:
    """The JSON object of a resource; false and empty values are left out, except `custom`."""
    members: dict[str, Json] = {}
    for ours, theirs in FIELDS:
        value = getattr(resource, ours)
        if value or theirs == "custom":
            members[theirs] = list(value) if ours in LISTS else value
    return {**members, **resource.rest}


def deployment_from(data: Mapping[str, Json]) -> Snapshot:
    """The snapshot of a `latest` deployment object."""
    known_members = {"manifest", "secrets_providers", "resources", "pending_operations"}
    secrets = data.get("secrets_providers") or {}
    return Snapshot(
        resources=tuple(resource_from(item) for item in data.get("resources") or ()),
        pending=tuple(
            Pending(resource_from(pending["resource"]), pending["type"])
            for pending in data.get("pending_operations") or ()
        ),
        salt_line=(secrets.get("state") or {}).get("salt"),
        rest=_foreign_members(data, known_members),
        folded_journal=(data.get("manifest") or {}).get("journal", ""),
    )


def deployment_json(snapshot: Snapshot) -> dict[str, Json]:
    """The `latest` object, with a manifest of now and of this version."""
    members: dict[str, Json] = {"manifest": manifest()}
    if snapshot.folded_journal:
        members["manifest"]["journal"] = snapshot.folded_journal
    if snapshot.salt_line:
        members["secrets_providers"] = {"type": "passphrase", "state": {"salt": snapshot.salt_line}}
    if snapshot.resources:
        members["resources"] = [resource_json(resource) for resource in snapshot.resources]
    if snapshot.pending:
        members["pending_operations"] = [
            {"resource": resource_json(item.resource), "type": item.type} for item in snapshot.pending
        ]
    return {**members, **snapshot.rest}


def manifest() -> dict[str, str]:
    """When and by what a checkpoint was written; Pulumi refuses it when `magic` is not the version's SHA-256."""
    version = f"moothall-{__version__}"
    return {"time": now(), "magic": magic(version), "version": version}


def magic(version: str) -> str:
    """The check value of a manifest version."""
    return hashlib.sha256(version.encode()).hexdigest()


def now() -> str:
    """The present time in Pulumi's form, UTC: RFC 3339, and no fraction ends in a nought."""
    text = datetime.now(UTC).isoformat(timespec="microseconds").removesuffix("+00:00")
    return f"{text.rstrip('0').rstrip('.')}Z"


def _foreign_members(data: Mapping[str, Json], known_members: set[str]) -> dict[str, Json]:
    return {key: value for key, value in data.items() if key not in known_members}
