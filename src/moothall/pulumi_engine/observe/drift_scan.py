"""Looking for drift: every recorded object of every stack, held against its engine. Changes nothing, takes no lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from moothall.model.engines import Endpoint
from moothall.pulumi_engine.errors import EngineUnreachable
from moothall.pulumi_engine.observe.drift import Difference, Observation, Trouble, changes, format_value
from moothall.pulumi_engine.protocol.resource_types import CONTAINER, KINDS, NETWORK, VOLUME, labels, wants_running
from moothall.pulumi_engine.protocol.urns import provider_urn
from moothall.pulumi_engine.protocol.values import plain, without_defaults
from moothall.pulumi_engine.provider.engine import connect
from moothall.pulumi_engine.provider.inspection import Inspection, seal
from moothall.pulumi_engine.provider.port import Facts
from moothall.pulumi_engine.state import checkpoint
from moothall.pulumi_engine.state.backend import Backend
from moothall.pulumi_engine.state.snapshot import Resource, Snapshot
from moothall.pulumi_engine.state.vault import Vault
from moothall.pulumi_engine.steps.session import Engines, address_of

AT_ONCE = 8
"""Objects looked at at the same time."""


@dataclass(frozen=True)
class StackDrift:
    """One stack: how many objects were held against the engine, and where they differ.

    `unreachable` says why the engine could not be asked; then nothing of the stack counts as drift. `pending` is the
    number of calls that a killed run began and did not end.
    """

    stack: str
    objects: int
    differences: tuple[Difference, ...] = ()
    unreachable: str = ""
    pending: int = 0


def drift(
    project: str, backend: Backend, label: str, is_selected: Callable[[str], bool], tell: Callable[[str], None]
) -> tuple[StackDrift, ...]:
    """The drift of the chosen stacks; `label` is the key of the label that says whose an object is.

    `tell` hears the name of each stack before it is looked at. Raises StateCorrupt, and BadPassphrase.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        scanner = _Scanner(backend, label, pool)
        pending_scans = []
        for stack in filter(is_selected, backend.stacks(project)):
            tell(stack)
            pending_scans.append(scanner.begin(stack, checkpoint.load(backend, project, stack)))
        return tuple(end() for end in pending_scans)


class _Scanner:
    """Looks at objects of any stack, several at once; each engine is listed once."""

    def __init__(self, backend: Backend, label: str, pool: ThreadPoolExecutor) -> None:
        self._backend = backend
        self._label = label
        self._pool = pool
        self._engines = Engines(connect)
        self._inspections: dict[Endpoint, Inspection] = {}
        self._dead: dict[Endpoint, EngineUnreachable] = {}

    def begin(self, name: str, snapshot: Snapshot) -> Callable[[], StackDrift]:
        """Begin to look at a stack, and return how to wait for what is found."""
        records = {resource.urn: resource for resource in snapshot.resources}
        objects = [resource for resource in snapshot.resources if resource.type in KINDS and resource.id]
        addresses = {r.urn: address_of(records[provider_urn(r.provider)].inputs) for r in objects}
        vault = Vault(self._backend, snapshot.salt_line)
        pending = len(snapshot.pending)
        try:
            lookups = [(resource, vault, *self._engine_at(addresses[resource.urn])) for resource in objects]
        except EngineUnreachable as error:
            unreachable = StackDrift(name, 0, (), str(error), pending)
            return lambda: unreachable
        difference_lists = self._pool.map(lambda lookup: list(self._compare_object(*lookup)), lookups)

        def end() -> StackDrift:
            try:
                all_differences = [
                    difference for differences_of_object in difference_lists for difference in differences_of_object
                ]
                all_differences += [
                    d
                    for address in set(addresses.values())
                    for d in self._added_objects(objects, self._engine_at(address)[0])
                ]
            except EngineUnreachable as error:
                return StackDrift(name, 0, (), str(error), pending)
            return StackDrift(name, len(objects), tuple(all_differences), "", pending)

        return end

    def _engine_at(self, address: Endpoint) -> tuple[Facts, Inspection]:
        """What an engine holds, and a way to look closer; one that did not answer is not asked again."""
        if address in self._dead:
            raise self._dead[address]
        try:
            facts = self._engines.connect_to(address)[1]
            if address not in self._inspections:
                self._inspections[address] = Inspection(address)
        except EngineUnreachable as error:
            self._dead[address] = error
            raise
        return facts, self._inspections[address]

    def _compare_object(
        self, resource: Resource, vault: Vault, facts: Facts, inspection: Inspection
    ) -> Iterator[Difference]:
        inputs = plain(without_defaults(vault.reveal(resource.inputs)))
        inspected = inspection.object(resource.type, resource.id)
        if inspected is None:
            if inputs.get("rm") and not inputs.get("mustRun", True):
                return  # a job that removes itself
            inspected = _namesake(resource, facts, inspection)
            yield _object_difference(resource, "missing" if inspected is None else "made-again")
        if inspected is None:
            return
        files = recorded_files(inputs)
        should_run = wants_running(inputs) if resource.type == CONTAINER else None
        if should_run is not None and should_run != _is_running(inspected):
            yield _object_difference(resource, "stopped" if should_run else "running", inspected["State"]["Status"])
        elif _is_unhealthy(inspected):
            yield _object_difference(resource, "unhealthy", _last_health_output(inspected))
        for name, expected, actual in changes(
            resource.type, inputs, files, observe(inputs, files, inspected, inspection)
        ):
            word, volume = KINDS[resource.type].word, _volume_of(inputs, name)
            yield Difference(
                resource.urn, word, resource.name, "changed", name, format_value(expected), format_value(actual), volume
            )

    def _added_objects(self, objects: list[Resource], facts: Facts) -> Iterator[Difference]:
        """What is on the engine beside what is recorded: strangers on our networks and volumes, and doubles of ours."""
        recorded_ids = {(resource.type, resource.id) for resource in objects}
        names = {(resource.type, resource.name) for resource in objects}
        owners = {labels(resource.inputs).get(self._label) for resource in objects} - {None}
        for live in facts.all():
            is_ours = live.labels.get(self._label) in owners and (live.kind, live.name) not in names
            if is_ours and (live.kind, live.id) not in recorded_ids:
                yield Difference("", KINDS[live.kind].word, live.name, "added", "", "", "carries this stack's label")
        for resource in objects:
            if resource.type in (NETWORK, VOLUME):
                for live in facts.users(resource.type, resource.name):
                    if self._label not in live.labels:
                        word = KINDS[resource.type].word
                        yield Difference(resource.urn, word, resource.name, "added", "user", "", live.name)


def _namesake(resource: Resource, facts: Facts, inspection: Inspection) -> Any:
    live = facts.with_name(resource.type, resource.name)
    return inspection.object(live.kind, live.id) if live is not None else None


def _is_running(inspected: Mapping[str, Any]) -> bool:
    return bool(inspected["State"]["Running"]) and not inspected["State"]["Paused"]


def _is_unhealthy(inspected: Mapping[str, Any]) -> bool:
    """Say whether the container's own health check has failed as often as it takes."""
    return bool((inspected.get("State") or {}).get("Health", {}).get("Status") == "unhealthy")


def _last_health_output(inspected: Mapping[str, Any]) -> str:
    """What the health check said last, on one line."""
    log = inspected["State"]["Health"].get("Log") or [{"Output": ""}]
    return " ".join(str(log[-1]["Output"]).split())


def _object_difference(resource: Resource, trouble: Trouble, actual: str = "") -> Difference:
    return Difference(resource.urn, KINDS[resource.type].word, resource.name, trouble, "", "", actual)


def recorded_files(inputs: Mapping[str, Any]) -> dict[str, str]:
    return {
        item["file"]: seal(item.get("content", "").encode(), int(item.get("permissions") or "0644", 8))
        for item in inputs.get("uploads") or ()
    }


def _volume_of(inputs: Mapping[str, Any], property_: str) -> str:
    """Return the name of the volume that holds a file, empty for any other property."""
    path = property_.removeprefix("uploads.")
    volumes = (item["source"] for item in inputs.get("mounts") or () if path.startswith(f"{item['target']}/"))
    return next(volumes, "") if path != property_ else ""


def _volume_paths(inputs: Mapping[str, Any]) -> Iterator[str]:
    """Yield where volumes are: what an uploader fills holds nothing else."""
    yield from (item["target"] for item in inputs.get("mounts") or () if item["type"] == "volume")
    yield from (item["containerPath"] for item in inputs.get("volumes") or () if not item.get("volumeName"))


def observe(
    inputs: Mapping[str, Any], files: Mapping[str, str], inspected: Mapping[str, Any], inspection: Inspection
) -> Observation:
    if "HostConfig" not in inspected:
        return Observation(inspected, {}, {})
    folders = [folder for folder in _volume_paths(inputs) if any(path.startswith(f"{folder}/") for path in files)]
    digests = inspection.files(inspected["Id"], files, folders)
    return Observation(inspected, inspection.image(inspected["Image"]), digests)
