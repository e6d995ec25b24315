"""A container engine, with all that it does for the rooms above."""

from __future__ import annotations

from moothall.docker_engine.containers import ContainerCalls
from moothall.docker_engine.port import EngineMethods
from moothall.docker_engine.resources import ResourceCalls


class Engine(ContainerCalls, ResourceCalls, EngineMethods):
    """One container engine; connects when first asked. Every method raises DockerError."""
