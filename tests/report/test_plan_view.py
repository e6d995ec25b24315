"""The view of a plan is drawn from its classes: what the view declares is what they have."""

from __future__ import annotations

from dataclasses import fields

import pytest

from moothall.model.agreed import ExternalUse, PlannedUse
from moothall.model.planned import Plan, Stack, TenantPlan
from moothall.report.plan.view import ExternalView, PlannedView, PlanView, StackView, TenantView


def camel(name: str) -> str:
    """The name of a member as it is shown."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@pytest.mark.parametrize(
    ("declared", "shown"),
    [(StackView, Stack), (TenantView, TenantPlan), (ExternalView, ExternalUse), (PlannedView, PlannedUse)],
)
def test_each_member_is_declared(declared: type, shown: type) -> None:
    """Under its name in camel case, and no other."""
    assert list(declared.__annotations__) == [camel(field.name) for field in fields(shown)]


def test_the_plan_has_a_version_besides() -> None:
    """As every view; what was built is not for definitions to say."""
    shown = [camel(field.name) for field in fields(Plan) if field.name != "former_images"]
    assert list(PlanView.__annotations__) == ["schemaVersion", *shown]
