"""Every engine has the images that its sites need: built on the local one, carried to the others."""

from __future__ import annotations

from collections.abc import Mapping

from moothall import paths
from moothall.docker_engine import images
from moothall.failures import OperationError
from moothall.model.engines import Endpoint
from moothall.model.planned import Plan
from moothall.operations.stacks.engine_bindings import Reach
from moothall.ports import Progress

Wanted = Mapping[Endpoint, set[str]]


def supply(found: Reach, plan: Plan, progress: Progress) -> None:
    """Build and carry what is missing on the engines that answer. Raises OperationError."""
    wanted = _wanted(found, plan)
    short = {at: images.lacking(at, tags) for at, tags in wanted.items() if at != found.engines.local}
    short = {at: tags for at, tags in short.items() if tags}
    if found.engines.local in wanted:
        _build(found.engines.local, progress)
    for target, tags in sorted(short.items()):
        images.carry(_source(found, wanted, tags, progress), target, tags, progress.stage)


def _wanted(found: Reach, plan: Plan) -> Wanted:
    """Return the tags of the images that each engine needs, probes on councils' networks included."""
    wanted: dict[Endpoint, set[str]] = {}
    image = {container.name: container.image for stack in plan.stacks for container in stack.containers}
    probed = {tenant.network: image[tenant.application] for tenant in plan.tenants}
    for stack in plan.stacks:
        if stack.site not in found.silent:
            tags = wanted.setdefault(found.engines.at(stack.site), set())
            tags |= {container.image for container in stack.containers}
            tags |= {probed[network.name] for network in stack.networks if network.name in probed}
    return wanted


def _source(found: Reach, wanted: Wanted, tags: tuple[str, ...], progress: Progress) -> Endpoint:
    """Return an engine that has the images: the local one, if need be after building them, or another."""
    others = [at for at in wanted if at != found.engines.local and not images.lacking(at, tags)]
    try:
        if others and images.lacking(found.engines.local, tags):
            return others[0]
        _build(found.engines.local, progress)
    except OperationError:  # there need be no engine where the command is given
        if not others:
            raise
        return others[0]
    return found.engines.local


def _build(local: Endpoint, progress: Progress) -> None:
    folder = paths.IMAGES
    missing = images.missing(folder, local.host)
    if missing:
        progress.stage(f"building images: {', '.join(missing)}")
        images.ensure(folder, local.host, progress=progress.stage)
