"""The plan for people: who uses what, what is only planned, and how much stands in each stack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from moothall.model.dedicated import is_dedicated, used_instance
from moothall.report.style import Style, safe

if TYPE_CHECKING:  # the builders of the view know engine and plans, which a form has no need to load
    from moothall.report.plan.view import PlanView


def render(view: PlanView, style: Style) -> str:
    """Return the text of a plan view."""
    blocks = [
        [style.paint(f"{safe(view['title'])} on {view['asOf']}", "bold")],
        ["Tenants", *_tenants(view)],
        ["Provided outside", *_external(view)],
        ["Planned, not stood up", *_planned_lines(view)],
        ["Stacks", *_stacks(view)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if len(block) > 1 or block is blocks[0]) + "\n"


def _tenants(view: PlanView) -> Iterator[str]:
    for tenant in view["tenants"]:
        server = f", on the server {tenant['instance']}" if is_dedicated(tenant["instance"]) else ""
        yield f"  {tenant['council']} uses {used_instance(tenant['instance'])}{server}: {', '.join(tenant['modules'])}"


def _external(view: PlanView) -> Iterator[str]:
    for use in view["external"]:
        yield f"  {use['council']} uses {use['service']} of {use['provider']}: {', '.join(use['modules'])}"


def _planned_lines(view: PlanView) -> Iterator[str]:
    for planned in view["planned"]:
        module = f" {planned['module']}" if planned["module"] else ""
        date_text = f"from {planned['start']}" if planned["start"] else "no date set"
        site_text = f" at {planned['site']}" if planned["site"] else ""
        if planned["council"]:
            yield f"  {planned['council']} in {planned['instance']}{module}: {date_text}"
        elif planned["instance"]:
            yield f"  mirror of {planned['instance']}{site_text}: {date_text}"
        else:
            yield f"  site {planned['site']}: {date_text}"


def _stacks(view: PlanView) -> Iterator[str]:
    for stack in view["stacks"]:
        object_counts = [
            f"{len(stack[kind])} {kind if len(stack[kind]) != 1 else kind[:-1]}"
            for kind in ("networks", "volumes", "containers")
            if stack[kind]
        ]
        yield f"  {stack['name']}: {', '.join(object_counts) or 'nothing'}"
