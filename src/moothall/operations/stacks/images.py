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

TagsByEngine = Mapping[Endpoint, set[str]]


def supply(engine_reach: Reach, plan: Plan, progress: Progress) -> None:
    """Build and carry what is missing on the engines that answer. Raises OperationError."""
    tags_by_engine = _tags_by_engine(engine_reach, plan)
    missing_tags = {
        endpoint: images.missing_tags(endpoint, tags)
        for endpoint, tags in tags_by_engine.items()
        if endpoint != engine_reach.engines.local
    }
    missing_tags = {endpoint: tags for endpoint, tags in missing_tags.items() if tags}
    if engine_reach.engines.local in tags_by_engine:
        _build(engine_reach.engines.local, progress)
    for target, tags in sorted(missing_tags.items()):
        images.carry(_source(engine_reach, tags_by_engine, tags, progress), target, tags, progress.stage)


def _tags_by_engine(engine_reach: Reach, plan: Plan) -> TagsByEngine:
    """Return the tags of the images that each engine needs, probes on councils' networks included."""
    tags_by_engine: dict[Endpoint, set[str]] = {}
    image_by_container = {container.name: container.image for stack in plan.stacks for container in stack.containers}
    probe_images = {tenant.network: image_by_container[tenant.application] for tenant in plan.tenants}
    for stack in plan.stacks:
        if stack.site not in engine_reach.silent:
            tags = tags_by_engine.setdefault(engine_reach.engines.endpoint_of(stack.site), set())
            tags |= {container.image for container in stack.containers}
            tags |= {probe_images[network.name] for network in stack.networks if network.name in probe_images}
    return tags_by_engine


def _source(engine_reach: Reach, tags_by_engine: TagsByEngine, tags: tuple[str, ...], progress: Progress) -> Endpoint:
    """Return an engine that has the images: the local one, if need be after building them, or another."""
    others = [
        endpoint
        for endpoint in tags_by_engine
        if endpoint != engine_reach.engines.local and not images.missing_tags(endpoint, tags)
    ]
    try:
        if others and images.missing_tags(engine_reach.engines.local, tags):
            return others[0]
        _build(engine_reach.engines.local, progress)
    except OperationError:  # there need be no engine where the command is given
        if not others:
            raise
        return others[0]
    return engine_reach.engines.local


def _build(local: Endpoint, progress: Progress) -> None:
    folder = paths.IMAGES
    missing_images = images.missing_images(folder, local.host)
    if missing_images:
        progress.stage(f"building images: {', '.join(missing_images)}")
        images.ensure(folder, local.host, progress=progress.stage)
