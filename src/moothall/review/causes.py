"""Which of the changed lines concern a stack: those of its own unit, and those that it is built upon."""

from __future__ import annotations

from collections.abc import Iterable

from moothall.model.dedicated import owner, used_instance
from moothall.review.comparison import Comparison, StackReview
from moothall.review.lines import Line

TERMS = tuple(
    tuple(path.split("."))
    for path in (
        "metadata.title",
        "spec.review",
        "spec.ends",
        "spec.exit",
        "spec.parties",
        "spec.organisations",
        "spec.shares",
        "spec.policy",
        "spec.waivers",
        "spec.sites.*.owner",
        "spec.sites.*.run-by",
        "spec.sites.*.failure-domain",
        "spec.sites.*.storage",
        "spec.sites.*.memory",
        "spec.instances.*.host",
        "spec.instances.*.capacity",
        "spec.instances.*.storage",
        "spec.instances.*.data-sharing",
        "spec.instances.*.mirror.recovery-point",
        "spec.instances.*.mirror.recovery-time",
        "spec.instances.*.tenants.share",
        "spec.instances.*.tenants.recovery-point",
        "spec.instances.*.tenants.recovery-time",
        "spec.instances.*.tenants.modules.*.data-owner",
        "spec.external.*",
        "spec.joined",
        "spec.notice-given",
        "spec.offered",
        "spec.uses.*.share",
        "spec.uses.*.storage",
        "spec.uses.*.recovery-point",
        "spec.uses.*.recovery-time",
        "spec.uses.*.replaces.system",
        "spec.uses.*.modules.*.data-owner",
        "spec.personal-data",
    )
)
"""Routes of which nothing is in any stack, with everything below them; `*` is any name."""


def is_term(line: Line) -> bool:
    """Say whether a line is about something that no stack holds."""
    return any(_is_at_or_below(pattern, line) for pattern in TERMS)


class Causes:
    """The changed lines that one partnership's stacks have to do with."""

    def __init__(self, comparison: Comparison, lines: Iterable[Line]) -> None:
        """Take what changes in the partnership, and all lines that changed anywhere."""
        folder = comparison.partnership
        lines = tuple(line for line in lines if not is_term(line))
        self._plans = [plan for plan in (comparison.base, comparison.head) if plan]
        self._common = [line for line in lines if line.path == f"partnerships/{folder}/partnership.yaml"]
        self._councils = [line for line in lines if line.path.startswith(f"partnerships/{folder}/councils/")]
        self._modules = [line for line in lines if line.path.startswith("modules/")]

    def of(self, review: StackReview) -> tuple[Line, ...]:
        """Return the changed lines that concern a stack; where none can be told apart, all that could."""
        scope = _StackScope(review)
        modules = self._used_modules(scope)
        council_lines = [line for line in self._councils if _stem(line) == scope.council and scope.concerns_use(line)]
        module_lines = [line for line in self._modules if line.path.split("/")[1] in modules]
        partnership_lines = [line for line in self._common if scope.concerns_line(line)]
        return tuple([*council_lines, *module_lines, *partnership_lines] or self._common)

    def _used_modules(self, scope: _StackScope) -> set[str]:
        tenants = [tenant for plan in self._plans for tenant in plan.tenants]
        return {
            module
            for tenant in tenants
            if (tenant.council, tenant.instance) in scope.tenants
            for module in tenant.modules
        }


class _StackScope:
    """What the changed objects of a stack have to do with: instances, tenants, networks."""

    def __init__(self, review: StackReview) -> None:
        resources = [side for step in review.steps for side in (step.before, step.after) if side and side.physical]
        self.stack = review.stack
        self.council = review.stack.council or owner(review.stack.unit)
        self.instances = {used_instance(resource.instance) for resource in resources if resource.instance}
        self.tenants = {(resource.council, resource.instance) for resource in resources}
        self.networks = {name for resource in resources for name in (resource.physical, *resource.networks)}
        if review.stack.kind == "instance":
            self.instances.add(used_instance(review.stack.unit))

    def concerns_line(self, line: Line) -> bool:
        """Say whether a line of partnership.yaml is about something that the stack's changed objects are built upon."""
        match line.route:
            case ("spec", "sites", str(site), *_):
                return self.stack.site == site
            case ("spec", "instances", str(instance), *_):
                return instance in self.instances
            case ("spec", "links", *_):
                return any(".link-" in name for name in self.networks)
            case _:
                return True

    def concerns_use(self, line: Line) -> bool:
        """Say whether a line of a council's file is about an instance that what changed serves, or about all of it."""
        match line.route:
            case ("spec", "uses", str(instance), *_):
                return instance in self.instances
            case _:
                return True


def _stem(line: Line) -> str:
    """Return the name of the council whose file a line stands in."""
    return line.path.rsplit("/", 1)[1].removesuffix(".yaml")


def _is_at_or_below(pattern: tuple[str, ...], line: Line) -> bool:
    """Say whether a line stands at or below a route."""
    return len(line.route) >= len(pattern) and all(
        step in ("*", key) for step, key in zip(pattern, line.route, strict=False)
    )
