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

    One that is `passing` removes itself when its work is done.
    """

    urn: str
    type: str
    id: str
    name: str
    host: str
    certificates: str
    running: bool | None
    passing: bool


class _Recorded(NamedTuple):
    """What of a state a survey needs: numbers of resources and of calls not ended, resources that failed, objects."""

    resources: int
    pending: int
    failed: tuple[str, ...]
    objects: tuple[_Object, ...]


def survey_project(project: str, backend: Backend, connect: Connect, chosen: Container[str] | None = None) -> Survey:
    """Every stack that has a checkpoint, or those chosen of them. Raises StateCorrupt."""
    engines = Engines(connect)
    names = [stack for stack in backend.stacks(project) if chosen is None or stack in chosen]
    found = tuple(_survey_stack(project, stack, backend, engines) for stack in names)
    backend.cache.save()
    return Survey(project, found)


def _survey_stack(project: str, stack: str, backend: Backend, engines: Engines) -> StackSurvey:
    found = checkpoint.digest(backend, project, stack)
    recorded = _known(project, stack, backend, found)
    drift: list[Drift] = []
    unreachable = None
    for item in recorded.objects:
        try:
            drift += _drift(item, engines.at(Endpoint(item.host, item.certificates))[1])
        except EngineUnreachable as error:
            unreachable = error.host
    return StackSurvey(
        stack, recorded.resources, tuple(drift), unreachable, recorded.pending, recorded.failed, found or ""
    )


def _known(project: str, stack: str, backend: Backend, found: str | None) -> _Recorded:
    """What the state records; worked out of it when its digest `found` is not one of those known from before."""
    key = digest(project.encode(), stack.encode(), (found or "").encode())
    shelf = backend.cache.shelf("surveys")
    if kept := shelf.get(key):
        return _from_plain(kept)
    recorded = _recorded(checkpoint.load(backend, project, stack))
    if found and found == checkpoint.digest(backend, project, stack):  # it was that which was loaded
        shelf.put(key, _to_plain(recorded))
    return recorded


def _recorded(snapshot: Snapshot) -> _Recorded:
    records = {resource.urn: resource for resource in snapshot.resources}
    objects = []
    for resource in snapshot.resources:
        if resource.type in KINDS:
            at = address_of(records[provider_urn(resource.provider)].inputs)
            running = wants_running(resource.inputs) if resource.type == CONTAINER else None
            passing = _removes_itself(resource)
            words = (resource.urn, resource.type, resource.id, resource.name, at.host, at.certificates)
            objects.append(_Object(*words, running, passing))
    failed = tuple(resource.urn for resource in snapshot.resources if resource.failed)
    return _Recorded(len(snapshot.resources), len(snapshot.pending), failed, tuple(objects))


def _drift(item: _Object, facts: Facts) -> Iterator[Drift]:
    live = facts.with_id(item.type, item.id)
    word = KINDS[item.type].word
    if live is None:
        if not item.passing:
            yield Drift(item.urn, word, item.name, "missing")
        return
    if item.running is not None and item.running != live.running:
        yield Drift(item.urn, word, item.name, "running" if live.running else "not running")


def _removes_itself(resource: Resource) -> bool:
    return bool(resource.inputs.get("rm")) and not resource.inputs.get("mustRun", True)


def _to_plain(recorded: _Recorded) -> tuple[Any, ...]:
    return (*recorded[:-1], tuple(map(tuple, recorded.objects)))


def _from_plain(data: Any) -> _Recorded:
    resources, pending, failed, objects = data
    return _Recorded(resources, pending, failed, tuple(_Object(*item) for item in objects))
