"""Making, changing and removing containers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

from moothall.docker_engine.engine import Engine
from moothall.docker_engine.errors import ImageNotFound, NotFound, Refused, TimedOut
from moothall.pulumi_engine.protocol.resource_types import wants_running
from moothall.pulumi_engine.provider.calls import SECONDS_FOR_A_CALL, calling, mutating
from moothall.pulumi_engine.provider.create_request import container_body, limits, restart_policy
from moothall.pulumi_engine.provider.networks import leaving
from moothall.pulumi_engine.provider.port import StepFailed
from moothall.pulumi_engine.provider.uploads import ROOT, archive
from moothall.pulumi_engine.steps.reload_in_place import refresh_of

LONGEST_JOB = 1200  # seconds, Pulumi's default for a create
SHORTEST_LOOK, LONGEST_LOOK = 0.02, 0.25  # seconds between two looks at the health
SECOND_LOOK = 0.3  # seconds after which what fails at its start has failed, on a busy machine too
LOG_LINES, LOG_CHARACTERS = 20, 4000
REMOVING = "already in progress"  # the daemon still works on the request of a client that was killed
SEVERAL_ENDPOINTS = (1, 44)  # from this version of the API on a create call may name more than one network
DEFAULT_GRACE = 10  # seconds, Docker's own
LIMITS = frozenset({"memory", "memorySwap", "memoryReservation", "cpuShares"})
RESTART = frozenset({"restart", "maxRetryCount"})
Inputs = Mapping[str, Any]


class Containers:
    """The containers of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._host = engine.host

    def create(self, inputs: Inputs) -> str:
        """Create, connect, fill, start, and wait as far as asked; the id. Raises StepFailed."""
        with mutating(self._host):
            id_ = self._make(inputs)
        try:
            with mutating(self._host):
                self._connect(id_, inputs)
                self._put(id_, inputs.get("uploads") or ())
                if inputs["start"]:
                    self._engine.start(id_)
            self._await(id_, inputs)
        except StepFailed as error:
            raise StepFailed(error.message, id_) from error
        return id_

    def update(self, id_: str, inputs: Inputs, changed_properties: frozenset[str]) -> None:
        """Change limits, restart policy, files that it takes in place, and whether it runs. Raises StepFailed."""
        settings: dict[str, Any] = limits(inputs) if changed_properties & LIMITS else {}
        if changed_properties & RESTART:
            settings["RestartPolicy"] = restart_policy(inputs)
        if settings:
            with mutating(self._host):
                self._engine.update_container(id_, settings)
        if "uploads" in changed_properties:
            self._refresh(id_, inputs)
        if changed_properties & {"mustRun", "start"}:
            self._bring_to(id_, inputs)

    def _refresh(self, id_: str, inputs: Inputs) -> None:
        """Put in the files that are exchanged in place, and have the container that uses them read them, if it runs."""
        refresh = refresh_of(inputs)
        assert refresh is not None  # the decision was made by it
        with mutating(self._host):
            self._put(id_, [item for item in inputs["uploads"] if item["file"] in refresh.files])
        if refresh.command and self._uses(refresh.container, inputs):
            self._run(refresh.container, refresh.command)

    def _put(self, id_: str, uploads: Sequence[Inputs]) -> None:
        if uploads:
            self._engine.write_files(id_, ROOT, archive(uploads))

    def _uses(self, name: str, inputs: Inputs) -> bool:
        """Whether a container of this name runs and has one of these volumes: nobody else is told anything."""
        volumes = {item["source"] for item in inputs.get("mounts") or () if item["type"] == "volume"}
        with calling(self._host):
            inspected = self._engine.container(name)
        if inspected is None or not inspected["State"]["Running"]:
            return False
        return any(mount.get("Name") in volumes for mount in inspected["Mounts"])

    def _run(self, name: str, command: tuple[str, ...]) -> None:
        with mutating(self._host):
            code, output = self._engine.run(name, command)
        if code:
            raise StepFailed(f"{name} has new files, and {command[0]} ended with {code}.\n{output}".strip())

    def delete(self, id_: str, inputs: Inputs) -> None:
        """Stop gracefully, then remove together with anonymous volumes. Raises StepFailed."""
        with leaving(self._host, inputs), calling(self._host), contextlib.suppress(NotFound):
            self._engine.stop(id_, _grace(inputs))
        with mutating(self._host), contextlib.suppress(NotFound):
            try:
                self._engine.remove(id_, volumes=bool(inputs.get("removeVolumes", True)))
            except Refused as error:
                if REMOVING not in error.detail:
                    raise
                self._engine.wait(id_, SECONDS_FOR_A_CALL, condition="removed")

    def exit_code(self, id_: str) -> int | None:
        """With what the container ended; None while it runs, where it never ran, and where it is gone."""
        with calling(self._host):
            inspected = self._engine.container(id_)
        has_exited = inspected is not None and inspected["State"]["Status"] == "exited"
        return int(inspected["State"]["ExitCode"]) if inspected is not None and has_exited else None

    def last_lines(self, id_: str) -> str:
        """The end of what the container has written: whole lines, for half of a secret would not be found in it."""
        with calling(self._host):
            text = self._engine.logs(id_, lines=LOG_LINES).strip()
        return text if len(text) <= LOG_CHARACTERS else text[-LOG_CHARACTERS:].partition("\n")[2]

    def _make(self, inputs: Inputs) -> str:
        body = container_body(inputs) | self._initial_network(inputs)
        try:
            return self._engine.create_container(body, inputs["name"])
        except ImageNotFound as error:
            raise StepFailed(f"The image {inputs['image']} is not on the engine {self._host}.") from error
        except ValueError as error:
            raise StepFailed(str(error)) from error

    @property
    def _spares_the_bridge(self) -> bool:
        """Whether a container with the network mode bridge and an endpoint elsewhere is never on the bridge.

        So it is on 20.10 (`daemon/container_operations.go`), and only that was tried.
        """
        return self._engine.api_version() < SEVERAL_ENDPOINTS

    def _initial_network(self, inputs: Inputs) -> dict[str, Any]:
        """The first of the wanted networks, as a part of the create call; it takes one only."""
        networks = inputs.get("networksAdvanced") or ()
        if not networks or not self._spares_the_bridge:
            return {}
        return {"NetworkingConfig": {"EndpointsConfig": {networks[0]["name"]: self._endpoint(networks[0])}}}

    def _endpoint(self, item: Inputs) -> dict[str, Any]:
        aliases, address = item.get("aliases"), item.get("ipv4Address")
        return ({"Aliases": aliases} if aliases else {}) | ({"IPAMConfig": {"IPv4Address": address}} if address else {})

    def _connect(self, id_: str, inputs: Inputs) -> None:
        """Connect it to the wanted networks that it was not created on, and take it off the default bridge."""
        networks = inputs.get("networksAdvanced") or ()
        if networks and not self._spares_the_bridge:
            self._engine.disconnect_network(id_, "bridge")
        for item in networks[1:] if self._spares_the_bridge else networks:
            self._engine.connect_network(id_, item["name"], item.get("ipv4Address"), item.get("aliases"))

    def _await(self, id_: str, inputs: Inputs) -> None:
        if not inputs["start"]:
            return
        if inputs["attach"]:
            self._await_exit(id_, inputs)
        elif inputs["wait"]:
            self._await_health(id_, inputs)
        elif wants_running(inputs):
            self._check_started(id_, inputs)

    def _await_exit(self, id_: str, inputs: Inputs) -> None:
        with calling(self._host):
            try:
                code = self._engine.wait(id_, LONGEST_JOB)
            except TimedOut as error:
                raise StepFailed(f"{inputs['name']} has not ended within {LONGEST_JOB} s.", id_) from error
        if code:
            raise self._exit_failure(id_, inputs, code)
        if inputs["rm"]:
            self.delete(id_, inputs)

    def _await_health(self, id_: str, inputs: Inputs) -> None:
        deadline = time.monotonic() + inputs["waitTimeout"]
        pause = SHORTEST_LOOK
        while True:
            state = self._state(id_)
            health = (state.get("Health") or {}).get("Status")
            if health == "healthy":
                return
            if health == "unhealthy":
                raise StepFailed(f"{inputs['name']} is unhealthy.\n{self._last_check(state)}".strip(), id_)
            if not state["Running"]:
                raise self._exit_failure(id_, inputs, state["ExitCode"])
            if time.monotonic() > deadline:
                raise StepFailed(f"{inputs['name']} was not healthy within {inputs['waitTimeout']} s.", id_)
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_LOOK)

    def _check_started(self, id_: str, inputs: Inputs) -> None:
        """Raise StepFailed for a container that has ended; one that nothing watches is looked at twice."""
        for pause in (0.0,) if inputs.get("healthcheck") else (0.0, SECOND_LOOK):
            time.sleep(pause)
            state = self._state(id_)
            if not state["Running"]:
                raise self._exit_failure(id_, inputs, state["ExitCode"])

    def _bring_to(self, id_: str, inputs: Inputs) -> None:
        should_run = wants_running(inputs)
        if should_run:
            with mutating(self._host):
                self._engine.ensure_running(id_)
            self._await(id_, inputs)
        elif should_run is False:
            with calling(self._host):
                self._engine.stop(id_, _grace(inputs))

    def _state(self, id_: str) -> Mapping[str, Any]:
        with calling(self._host):
            state: Mapping[str, Any] = self._engine.inspect(id_)["State"]
            return state

    def _exit_failure(self, id_: str, inputs: Inputs, code: int) -> StepFailed:
        return StepFailed(f"{inputs['name']} ended with exit code {code}.\n{self.last_lines(id_)}".strip(), id_)

    def _last_check(self, state: Mapping[str, Any]) -> str:
        checks = (state.get("Health") or {}).get("Log") or []
        return str(checks[-1].get("Output", "")).strip() if checks else ""


def _grace(inputs: Inputs) -> int:
    """Seconds between asking a container to stop and killing it."""
    for name in ("destroyGraceSeconds", "stopTimeout"):
        if inputs.get(name) is not None:
            return int(inputs[name])
    return DEFAULT_GRACE
