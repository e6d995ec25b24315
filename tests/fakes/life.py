"""Calls about the life of containers: made, started, stopped, looked at, removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.calls import Calls
from tests.fakes.containers import RUNNING, Container, Volume

from moothall.docker_engine.errors import ImageNotFound, Refused, TimedOut
from moothall.docker_engine.port import EngineObject, Filters
from moothall.postgres.paths import DATA


class Life(Calls):
    """The containers of one engine, by name or id."""

    def containers(self, filters: Filters | None = None) -> list[EngineObject]:
        """Return the summaries, of those that the filters let by: `label`, `name`, `volume`."""
        self.machine.asked()
        return [made.summary() for made in self.machine.listed(filters)]

    def running_containers(self, filters: Filters) -> list[EngineObject]:
        """Return the summaries of those that run."""
        return [summary for summary in self.containers(filters) if summary["State"] == RUNNING]

    def inspect(self, container: str) -> EngineObject:
        """Return as much as is looked at."""
        return self._one(container).details()

    def create_container(self, request: Mapping[str, Any], name: str | None = None) -> str:
        """Create one, where its image is there and its name is free."""
        self.machine.asked()
        if self.machine.tag_of(request["Image"]) is None:
            raise ImageNotFound("No container", "No such image", "No such image", 404)
        if name and self.machine.one(name):
            raise Refused("No container", "the name is in use", "the name is in use", 409)
        name = name or self.machine.new_name()
        self.machine.step(f"create {name}")
        made = self._as_wanted(name, request)
        self.machine.add(made)
        return made.id

    def start(self, container: str) -> None:
        """Start one, unless it runs."""
        made = self._one(container)
        self.machine.step(f"start {made.name}")
        if made.status != RUNNING:
            self.machine.begin(made)

    def ensure_running(self, container: str) -> None:
        """Have one run."""
        self.start(container)

    def stop(self, container: str, grace_seconds: int) -> None:
        """Stop one, if it runs."""
        made = self._one(container)
        self.machine.step(f"stop {made.name}")
        if made.status == RUNNING:
            self.machine.end(made)

    def kill(self, container: str) -> None:
        """Kill one."""
        self.stop(container, 0)

    def restart(self, container: str, grace_seconds: int) -> None:
        """Start one anew."""
        made = self._one(container)
        self.machine.step(f"restart {made.name}")
        self.machine.begin(made)

    def wait(self, container: str, seconds: int) -> int:
        """Return the exit code; what runs, runs for longer than anybody waits."""
        made = self._one(container)
        if made.status == RUNNING:
            raise TimedOut(f"{container} cannot be waited for", "timed out", "timed out")
        return made.result.code

    def remove(self, container: str) -> None:
        """Remove one."""
        made = self._one(container)
        self.machine.step(f"remove {made.name}")
        self.machine.discard(made)

    def logs(self, container: str, *, out: bool = True, err: bool = True, lines: int | None = None) -> str:
        """Return what one has written."""
        result = self._one(container).result
        text = (result.out if out else "") + (result.err if err else "")
        return text if lines is None else "".join(text.splitlines(keepends=True)[-lines:])

    def _as_wanted(self, name: str, request: Mapping[str, Any]) -> Container:
        """Return what a request describes; its data is in the volume that is bound there, or in one of its own."""
        bound = [each.partition(":") for each in request.get("HostConfig", {}).get("Binds") or ()]
        named = [volume for volume, _, path in bound if path == DATA]
        return Container(
            name,
            dict(request.get("Labels") or {}),
            self.machine.volumes[named[0]] if named else Volume(),
            (*(request.get("Entrypoint") or ()), *(request.get("Cmd") or ())),
            "" if named else "scratch",
            image=request["Image"],
        )
