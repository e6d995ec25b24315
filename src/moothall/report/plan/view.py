"""The view of `plan`: all that shall stand, as it was compiled."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from moothall.model.planned import Plan
from moothall.plan import plain
from moothall.report.positions import Place

KIND = "plan"


class StackView(TypedDict):
    """One stack, with the members of `model.planned.Stack` and of what is in it."""

    name: str
    kind: str
    unit: str
    site: str
    council: str | None
    needs: list[str]
    networks: list[dict[str, Any]]
    volumes: list[dict[str, Any]]
    containers: list[dict[str, Any]]


class TenantView(TypedDict):
    """One tenant, with the members of `model.planned.TenantPlan`; modules by name with those that they are made of."""

    council: str
    instance: str
    councilTitle: str
    instanceTitle: str
    database: str
    hostName: str
    network: str
    relay: str
    application: str
    gateway: str
    waitingApplication: str | None
    waitingGateway: str | None
    localAccessUrl: str | None
    login: str
    adminSecret: str
    modules: dict[str, list[str]]
    proofModels: dict[str, str]


class ExternalView(TypedDict):
    """A council's use of a service that somebody outside provides."""

    council: str
    service: str
    title: str
    provider: str
    modules: list[str]
    address: str | None


class PlannedView(TypedDict):
    """What is agreed and not stood up; `start` (ISO 8601) is None without a date."""

    council: str | None
    instance: str | None
    module: str | None
    site: str | None
    start: str | None
    declaredAt: Place


class PlanView(TypedDict):
    """A plan, with the members of `model.planned.Plan` in camel case; days are in ISO 8601."""

    schemaVersion: int
    partnership: str
    title: str
    domain: str
    agreed: str
    asOf: str
    stacks: list[StackView]
    certificates: list[dict[str, Any]]
    tenants: list[TenantView]
    mirrors: list[dict[str, Any]]
    backups: list[dict[str, Any]]
    drills: list[dict[str, Any]]
    external: list[ExternalView]
    planned: list[PlannedView]
    approvals: dict[str, list[str]]
    identities: dict[str, str]
    policy: dict[str, Any]
    dataOwners: dict[str, list[str]]
    trail: dict[str, Any] | None


def view(plan: Plan) -> PlanView:
    """Return the view of a plan."""
    members = plain(plan, with_spans=True)
    del members["formerImages"]  # no definition says anything of them
    return cast("PlanView", {"schemaVersion": 1, **members})
