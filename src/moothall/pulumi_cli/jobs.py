"""What a run of the CLI has made and what is not well all the same.

The real plug-in waits for a job and does not look at its exit code. What was only half made the CLI would change in
place the next time, which mends nothing. Both are tainted, so that whoever runs next, either engine, recreates them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from moothall.pulumi_engine.protocol.resource_types import CONTAINER, wants_running
from moothall.pulumi_engine.protocol.urns import name_of, provider_urn
from moothall.pulumi_engine.protocol.values import plain, without_defaults
from moothall.pulumi_engine.provider.port import Connect, Provider
from moothall.pulumi_engine.state.redact import redact
from moothall.pulumi_engine.state.snapshot import Resource, Snapshot
from moothall.pulumi_engine.steps.outcome import FailedStep
from moothall.pulumi_engine.steps.session import address_of


def half_made_containers(snapshot: Snapshot) -> Iterator[str]:
    """The URNs of containers whose creation failed and of which Pulumi does not know that they have to be recreated."""
    return (
        resource.urn
        for resource in snapshot.resources
        if resource.type == CONTAINER and resource.init_errors and not resource.taint
    )


def failed_jobs(
    snapshot: Snapshot, created_urns: Collection[str], connect: Connect, secrets: Collection[str]
) -> Iterator[FailedStep]:
    """Yield the jobs among `created_urns` that ended with another code than 0. Raises EngineUnreachable."""
    records = {resource.urn: resource for resource in snapshot.resources}
    for resource in (records[urn] for urn in created_urns if urn in records):
        if not _is_job(resource):
            continue
        provider = _engine_of(resource, records, connect)
        if code := provider.exit_code(resource.id):
            message = f"{resource.name} ended with exit code {code}.\n{provider.logs(resource.id)}".strip()
            yield FailedStep(resource.urn, name_of(resource.urn), redact(message, secrets, resource.name))


def _is_job(resource: Resource) -> bool:
    return resource.type == CONTAINER and wants_running(plain(without_defaults(resource.inputs))) is None


def _engine_of(resource: Resource, records: dict[str, Resource], connect: Connect) -> Provider:
    return connect(address_of(records[provider_urn(resource.provider)].inputs))
