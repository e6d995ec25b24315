"""A machine in memory on which a planned partnership stands: its containers, its volumes with clusters in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from tests.fakes.containers import EXITED, RUNNING, Container, Volume
from tests.fakes.postgres import Cluster
from tests.fakes.servers import SERVER, Servers
from tests.fakes.switching import role

from moothall import paths
from moothall.imagetags import tags
from moothall.model import planned
from moothall.model.outcome import FAILED, PASSED, CheckResult
from moothall.model.planned import JOB, Plan, Stack
from moothall.model.stackname import parts, stack_of

PARTNERSHIP = "moothall.partnership"


class Machine(Servers):
    """What stands, what the repository holds (`backup`), and what was done, in order."""

    def __init__(self, plan: Plan, live: Cluster, backup: Cluster | None) -> None:
        super().__init__(tags(paths.IMAGES).values(), backup)
        for stack in plan.stacks:
            self.stand(plan, stack, live)
        self.done.clear()

    def stand(self, plan: Plan, stack: Stack, cluster: Cluster) -> None:
        """Make what a stack has, unless it is there; a server that stands by has the same cluster as the other."""
        standbys = {mirror.standby for mirror in plan.mirrors}
        labels = {PARTNERSHIP: plan.partnership}
        for network in stack.networks:
            self.networks.setdefault(network.name, labels)
        for volume in stack.volumes:
            self.volumes.setdefault(volume.name, Volume(labels))
        for container in stack.containers:
            if container.name in self.made:
                continue
            data = Volume()
            if container.role == SERVER:
                data = self.volumes.get(f"{stack.name}.data", data)
                if data.cluster is None:
                    data.cluster = deepcopy(cluster)
                    data.cluster.follows = container.name in standbys
            self.step(f"create {container.name}")
            self._add_planned(container, dict(labels), data)

    def _add_planned(self, container: planned.Container, labels: dict[str, str], data: Volume) -> None:
        status = EXITED if container.kind == JOB else RUNNING
        self.add(Container(container.name, labels, data, (), container.role, status, image=container.image))


def logins(machine: Servers, plan: Plan, tenants: Iterable[Any]) -> tuple[CheckResult, ...]:
    """Return who can log in: who has an application that runs beside a server that takes writes."""
    servers = [each for each in machine.made.values() if each.role == SERVER and each.status == RUNNING]
    results = []
    for tenant in tenants:
        site = _serving(servers, plan, tenant.instance)
        names = [name for name in (tenant.application, tenant.waiting_application) if name]
        good = any(machine.made[name].status == RUNNING and parts(stack_of(name)).site == site for name in names)
        status, detail = (PASSED, "") if good else (FAILED, "no")
        results.append(CheckResult(f"login.{tenant.council}", f"{tenant.council} logs in", status, detail))
    return tuple(results)


def _serving(servers: list[Container], plan: Plan, instance: str) -> str:
    """Return the site of the instance's one server that takes writes, empty where there is not one."""
    mine: Mapping[str, planned.Container] = {server.name: server for server in plan.servers(instance)}
    serving = [each for each in servers if each.name in mine and each.data.cluster and role(each) == "primary"]
    return parts(stack_of(serving[0].name)).site if len(serving) == 1 else ""
