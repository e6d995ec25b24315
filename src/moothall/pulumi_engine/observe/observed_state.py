"""Looking over all stacks of a project at little cost."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any, NamedTuple

from moothall.cache import digest
from moothall.model.engines import Endpoint
from moothall.pulumi_engine.errors import EngineUnreachable
from moothall.pulumi_engine.protocol.resource_types import CONTAINER, KINDS, wants_running
from moothall.pulumi_engine.protocol.urns import provider_urn
from moothall.pulumi_engine.provider.port import Connect, Facts
from moothall.pulumi_engine.state import checkpoint
from moothall.pulumi_engine.state.backend import Backend
from moothall.pulumi_engine.state.snapshot import Resource, Snapshot
from moothall.pulumi_engine.steps.outcome import Drift, StackSurvey, Survey
from moothall.pulumi_engine.steps.session import Engines, address_of


class _Object(NamedTuple):
    """A Docker object as a state has it: what it is, where, and whether it runs (None where that is left open).

    `removes_itself` is true for one that removes itself when its work is done.
    """

    urn: str
    type: str
    id: str
    name: str
    host: str
    certificates: str
    running: bool | None
    removes_itself: bool


class _StateSummary(NamedTuple):
    """What of a state a survey needs: numbers of resources and of calls not ended, resources that failed, objects."""

    resources: int
    pending: int
    failed: tuple[str, ...]
    objects: tuple[_Object, ...]


def survey_project(
    project: str, backend: Backend, connect: Connect, selected_stacks: Container[str] | None = None
) -> Survey:
    """Every stack that has a checkpoint, or those chosen of them. Raises StateCorrupt."""
    engines = Engines(connect)
    names = [stack for stack in backend.stacks(project) if selected_stacks is None or stack in selected_stacks]
    surveys = tuple(_survey_stack(project, stack, backend, engines) for stack in names)
    backend.cache.save()
    return Survey(project, surveys)


def _survey_stack(project: str, stack: str, backend: Backend, engines: Engines) -> StackSurvey:
    state_digest = checkpoint.digest(backend, project, stack)
    summary = _cached_summary(project, stack, backend, state_digest)
    drift: list[Drift] = []
    unreachable = None
    for item in summary.objects:
        try:
            drift += _drift(item, engines.connect_to(Endpoint(item.host, item.certificates))[1])
        except EngineUnreachable as error:
            unreachable = error.host
    return StackSurvey(
        stack, summary.resources, tuple(drift), unreachable, summary.pending, summary.failed, state_digest or ""
    )


def _cached_summary(project: str, stack: str, backend: Backend, state_digest: str | None) -> _StateSummary:
    """Return what the state records: from the cache by its digest, or else from the state itself."""
    key = digest(project.encode(), stack.encode(), (state_digest or "").encode())
    shelf = backend.cache.shelf("surveys")
    if cached := shelf.get(key):
        return _from_plain(cached)
    summary = _summarise(checkpoint.load(backend, project, stack))
    if state_digest and state_digest == checkpoint.digest(backend, project, stack):  # it was that which was loaded
        shelf.put(key, _to_plain(summary))
    return summary


def _summarise(snapshot: Snapshot) -> _StateSummary:
    records = {resource.urn: resource for resource in snapshot.resources}
    objects = []
    for resource in snapshot.resources:
        if resource.type in KINDS:
            address = address_of(records[provider_urn(resource.provider)].inputs)
            running = wants_running(resource.inputs) if resource.type == CONTAINER else None
            removes_itself = _removes_itself(resource)
            identity = (resource.urn, resource.type, resource.id, resource.name, address.host, address.certificates)
            objects.append(_Object(*identity, running, removes_itself))
    failed_urns = tuple(resource.urn for resource in snapshot.resources if resource.failed)
    return _StateSummary(len(snapshot.resources), len(snapshot.pending), failed_urns, tuple(objects))


def _drift(item: _Object, facts: Facts) -> Iterator[Drift]:
    live = facts.with_id(item.type, item.id)
    word = KINDS[item.type].word
    if live is None:
        if not item.removes_itself:
            yield Drift(item.urn, word, item.name, "missing")
        return
    if item.running is not None and item.running != live.running:
        yield Drift(item.urn, word, item.name, "running" if live.running else "not running")


def _removes_itself(resource: Resource) -> bool:
    return bool(resource.inputs.get("rm")) and not resource.inputs.get("mustRun", True)


def _to_plain(summary: _StateSummary) -> tuple[Any, ...]:
    return (*summary[:-1], tuple(map(tuple, summary.objects)))


def _from_plain(data: Any) -> _StateSummary:
    resources, pending, failed, objects = data
    return _StateSummary(resources, pending, failed, tuple(_Object(*item) for item in objects))
