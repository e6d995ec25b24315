"""Looking over all stacks of a project at little cost."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.engine import checkpoint
from moothall.engine.backend import Backend
from moothall.engine.errors import EngineUnreachable
from moothall.engine.kinds import CONTAINER, KINDS, wants_running
from moothall.engine.outcome import Drift, StackSurvey, Survey
from moothall.engine.provider import Connect, Facts
from moothall.engine.session import Engines, address_of
from moothall.engine.state import Resource, Snapshot
from moothall.engine.urns import provider_urn


def survey_project(project: str, backend: Backend, connect: Connect) -> Survey:
    """Every stack that has a checkpoint. Raises StateCorrupt."""
    engines = Engines(connect)
    stacks = [
        _survey_stack(stack, checkpoint.load(backend, project, stack), engines) for stack in backend.stacks(project)
    ]
    return Survey(project, tuple(stacks))


def _survey_stack(stack: str, snapshot: Snapshot, engines: Engines) -> StackSurvey:
    records = {resource.urn: resource for resource in snapshot.resources}
    drift: list[Drift] = []
    unreachable = None
    for resource in snapshot.resources:
        if resource.type not in KINDS:
            continue
        address = address_of(records[provider_urn(resource.provider)].inputs)
        try:
            drift += _drift(resource, engines.at(address)[1])
        except EngineUnreachable as error:
            unreachable = error.host
    failed = tuple(resource.urn for resource in snapshot.resources if resource.failed)
    return StackSurvey(stack, len(snapshot.resources), tuple(drift), unreachable, len(snapshot.pending), failed)


def _drift(resource: Resource, facts: Facts) -> Iterator[Drift]:
    live = facts.with_id(resource.type, resource.id)
    word = KINDS[resource.type].word
    if live is None:
        if not _removed_itself(resource):
            yield Drift(resource.urn, word, resource.name, "missing")
        return
    wanted = wants_running(resource.inputs) if resource.type == CONTAINER else None
    if wanted is not None and wanted != live.running:
        yield Drift(resource.urn, word, resource.name, "running" if live.running else "not running")


def _removed_itself(resource: Resource) -> bool:
    return bool(resource.inputs.get("rm")) and not resource.inputs.get("mustRun", True)
