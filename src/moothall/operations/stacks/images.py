"""Every engine has the images that its sites need: built on one engine, and carried to the others by their IDs.

The engine that builds is the local one, or the one that DOCKER_HOST names. Nothing is ever taken from another: whoever
rules that could hand over anything under our tags.
"""

from __future__ import annotations

from collections.abc import Mapping

from moothall import paths
from moothall.docker_engine import images
from moothall.model.engines import Endpoint
from moothall.model.planned import Plan
from moothall.operations.stacks.engine_bindings import Reach
from moothall.ports import Progress

ImageIds = Mapping[str, str]
"""IDs of images by their tags."""


def supply(
    engine_reach: Reach, builder: Endpoint, plan: Plan, recorded_ids: ImageIds, progress: Progress
) -> dict[str, str]:
    """Build and carry what is missing on the engines that answer; return the IDs of the plan's images by their tags.

    `plan` has tags, and `builder` is the engine that builds. What is on record is kept while every engine that needs it
    has it, or the builder does. Raises OperationError.
    """
    tags_by_engine = _tags_by_engine(engine_reach, plan)
    ids = {tag: recorded_ids[tag] for tags in tags_by_engine.values() for tag in tags if tag in recorded_ids}
    wanted_tags = tags_by_engine.pop(builder, set())
    for endpoint, tags in tags_by_engine.items():
        lacking = images.lacking_images(endpoint, {tag: ids[tag] for tag in tags if tag in ids})
        wanted_tags |= {*lacking, *(tags - ids.keys())}
    if wanted_tags:
        ids |= images.ensure(paths.IMAGES, builder.host, ids, wanted_tags, progress=progress.stage)
    for endpoint, tags in sorted(tags_by_engine.items()):
        if lacking := images.lacking_images(endpoint, {tag: ids[tag] for tag in tags}):
            images.carry(builder, endpoint, {tag: ids[tag] for tag in lacking}, progress.stage)
    return ids


def _tags_by_engine(engine_reach: Reach, plan: Plan) -> dict[Endpoint, set[str]]:
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
