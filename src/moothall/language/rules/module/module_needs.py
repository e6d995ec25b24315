"""module-needs: a module in use without one that it needs, or at a time when that one is not there.

Modules of all levels count: those that the instance gives every tenant, and the council's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.model.tenancy import merge_levels
from moothall.model.written import Council, Definitions, Instance, ModuleUse, Use
from moothall.source import Span

RULE = "module-needs"
SCOPE = Scope.COUNCIL


class _Period(NamedTuple):
    """From the first day until before the end, which is `date.max` where there is none."""

    start: date
    until: date


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every need of a module that a tenant's own modules and the instance's do not meet.

    A module that the instance gives every tenant is named where the instance gives it, once.
    """
    catalogue = definitions.modules
    needs = {name: [need for need in module.needs if need in catalogue] for name, module in catalogue.items()}
    needy = {name: known_needs for name, known_needs in needs.items() if known_needs}
    for folder in definitions.folders:
        for council in folder.councils:
            for use in council.uses.values():
                instance = folder.partnership.instances.get(use.instance)
                if instance:
                    yield from _of_use(council, use, instance, needy)


def _of_use(council: Council, use: Use, instance: Instance, needy: Mapping[str, list[str]]) -> Iterator[Diagnostic]:
    shared_modules = instance.tenants.modules if instance.tenants else {}
    modules = merge_levels(instance.tenants, use.tenancy).modules if shared_modules else use.modules
    if needy.keys().isdisjoint(modules):
        return
    # A module that is not offered is another rule's, and the right one may be all that is missing.
    is_mistaken = not modules.keys() <= set(instance.offers)
    for module in modules.values():
        for name in needy.get(module.module, ()):
            if name not in modules and not is_mistaken:
                yield _missing_need(council, instance, module, name)
            elif name in modules and not use.planned and not module.planned:
                yield from _times(council, use, module, modules[name])


def _missing_need(council: Council, instance: Instance, module: ModuleUse, need: str) -> Diagnostic:
    own = module.origin.document.path == council.origin.document.path
    who = council.metadata.name if own else "not every tenant"
    verb = "does not use" if own else "uses"
    summary = f"{module.module} needs {need}, which {who} {verb} at {instance.name}"
    detail = f"Add {need} to the modules, or remove {module.module}."
    return error(RULE, summary, detail, module.origin.key())


def _times(council: Council, use: Use, module: ModuleUse, need: ModuleUse) -> Iterator[Diagnostic]:
    """Yield a finding if the module begins before what it needs, or outlasts it."""
    if need.planned:
        summary = f"{module.module} needs {need.module}, which is only planned"
        detail = f"Give {need.module} a date, or let {module.module} be planned as well."
        yield error(RULE, summary, detail, _span(module, "from"), Label(need.origin.key("planned"), "planned here"))
        return
    mine, other = _period(council, use, module), _period(council, use, need)
    detail = "Mend one of the two dates."
    if mine.start >= mine.until or other.start >= other.until:
        return  # that is for another rule to say
    if mine.start < other.start:
        summary = f"{module.module} begins on {mine.start}, before {need.module}, which it needs, on {other.start}"
        yield error(RULE, summary, detail, _span(module, "from"), Label(_span(need, "from"), "begins here"))
    elif mine.until > other.until:
        summary = f"{module.module} outlasts {need.module}, which it needs and which ends on {other.until}"
        yield error(RULE, summary, detail, _span(module, "until"), Label(_span(need, "until"), "ends here"))


def _period(council: Council, use: Use, module: ModuleUse) -> _Period:
    """Return when the module is there; dates outside the use are another rule's to name."""
    begins = use.start or council.joined
    ends = use.until or date.max
    return _Period(max(module.start or begins, begins), min(module.until or ends, ends))


def _span(module: ModuleUse, key: str) -> Span:
    """Return where a date of the module is written, or the module if it has none."""
    day = module.start if key == "from" else module.until
    return module.origin.value(key) if day else module.origin.key()
