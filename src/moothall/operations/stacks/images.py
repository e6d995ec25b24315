"""Every engine has the images that its sites need: built on one engine, and carried to the others by their IDs.

The engine that builds is the local one, or the one that DOCKER_HOST names. Nothing is ever taken from another: whoever
rules that could hand over anything under our tags.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from moothall import paths
from moothall.docker_engine import images
from moothall.failures import OperationError
from moothall.model.engines import Endpoint
from moothall.model.planned import Plan
from moothall.operations.stacks.engine_bindings import Reach
from moothall.ports import Progress

ImageIds = Mapping[str, str]
"""IDs of images by their tags."""


class Supplied(NamedTuple):
    """The IDs of a plan's images by their tags, and why an engine has not got those that it needs."""

    ids: dict[str, str]
    failures: dict[Endpoint, OperationError]


def supply(engine_reach: Reach, builder: Endpoint, plan: Plan, recorded_ids: ImageIds, progress: Progress) -> Supplied:
    """Build and carry what is missing on the engines that answer; one that takes nothing stops no other.

    `plan` has tags, and `builder` is the engine that builds. What is on record is kept while every engine that needs it
    has it, or the builder does. Raises OperationError where the builder does not build.
    """
    tags_by_engine = _tags_by_engine(engine_reach, plan)
    ids = {tag: recorded_ids[tag] for tags in tags_by_engine.values() for tag in tags if tag in recorded_ids}
    wanted_tags = tags_by_engine.pop(builder, set())
    supplied = Supplied(ids, {})
    for endpoint, tags in sorted(tags_by_engine.items()):
        wanted_tags |= tags - ids.keys()
        with _noted(supplied, endpoint):
            wanted_tags |= {*images.lacking_images(endpoint, {tag: ids[tag] for tag in tags if tag in ids})}
    if wanted_tags:
        ids |= images.ensure(paths.IMAGES, builder.host, ids, wanted_tags, progress=progress.stage)
    for endpoint in sorted(tags_by_engine.keys() - supplied.failures.keys()):
        with _noted(supplied, endpoint):
            if lacking := images.lacking_images(endpoint, {tag: ids[tag] for tag in tags_by_engine[endpoint]}):
                images.carry(builder, endpoint, {tag: ids[tag] for tag in lacking}, progress.stage)
    return supplied


@contextmanager
def _noted(supplied: Supplied, endpoint: Endpoint) -> Iterator[None]:
    """Note a failure as the engine's own."""
    try:
        yield
    except OperationError as failure:
        supplied.failures[endpoint] = failure


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
