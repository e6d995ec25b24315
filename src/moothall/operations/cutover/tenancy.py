"""A tenant that stands, and sending the job of a cut-over to where its database is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from moothall.deploy.render_secrets import fill
from moothall.failures import OperationError
from moothall.model.engines import Endpoint
from moothall.model.planned import Container, Plan, TenantPlan
from moothall.operations.context import Context
from moothall.operations.cutover.run_job import send
from moothall.operations.planning import built_plan, require_built
from moothall.operations.secrets import open_vault
from moothall.operations.stacks.engine_bindings import reach
from moothall.operations.tenants import tenant_of
from moothall.ports import Vault


class Tenancy(NamedTuple):
    """A tenant, the job that prepared it as it would stand beside its database now, its engine and its secrets."""

    plan: Plan
    tenant: TenantPlan
    prepare: Container
    endpoint: Endpoint
    vault: Vault

    def send(self, action: str, details: Mapping[str, Any]) -> dict[str, Any]:
        """Send the job with an action and return its answer; raises OperationError as `run_job.send` does."""
        texts = {file.path: fill(file.text, self.vault, self.plan.leaves) for file in self.prepare.files}
        order = {
            "action": action,
            "tenant": self.tenant.database,
            "council": self.tenant.council,
            "instance": self.tenant.used,
        }
        return send(self.endpoint, self.plan.partnership, self.prepare, texts, {**order, **details})


def tenancy(context: Context, council: str, instance: str) -> Tenancy:
    """Return the tenant that is meant. Raises OperationError when it is not stood up or its engine does not answer."""
    plan = built_plan(context)
    tenant = tenant_of(plan, council, instance)
    site, application = _planned_container(plan, _serving_application(plan, tenant))
    _, prepare = _planned_container(plan, f"{tenant.application.removesuffix('application')}prepare")
    require_built(prepare)
    engine_reach = reach(context, plan)
    if site in engine_reach.silent:
        raise OperationError(engine_reach.silent[site], state="Nothing was changed.", hint="moothall doctor")
    job = replace(prepare, networks=application.networks)
    return Tenancy(plan, tenant, job, engine_reach.engines.endpoint_of(site), open_vault(context, plan))


def _serving_application(plan: Plan, tenant: TenantPlan) -> str:
    """Return the application beside whose database the tenant's data is written: the mirror's after a failover."""
    mirror = next((mirror for mirror in plan.mirrors if mirror.instance == tenant.instance), None)
    if mirror and mirror.serving_site == mirror.site and tenant.waiting_application:
        return tenant.waiting_application
    return tenant.application


def _planned_container(plan: Plan, name: str) -> tuple[str, Container]:
    """Return a planned container by its name, with its site."""
    return next(
        (stack.site, container) for stack in plan.stacks for container in stack.containers if container.name == name
    )
