"""A tenant's activated Tryton modules are exactly those declared with what they depend on, and each answers a call.

The list alone does not prove that people have a module: the application may not have noticed it. So one model of
each module is asked for as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from moothall.failures import Inconclusive
from moothall.model.planned import Plan, TenantPlan
from moothall.verify.context import VerifyContext
from moothall.verify.probe import TenantReply
from moothall.verify.task import Task, Verdict, verdict_on
from moothall.verify.tenants import tenant_answer, tenant_task

ALWAYS = ("ir", "res")
"""The modules that every Tryton database has."""


def tasks(plan: Plan) -> Iterator[Task]:
    """Yield a task for each tenant."""
    for tenant in plan.tenants:
        subject = f"{tenant.council_title} has its modules of {tenant.instance_title}"
        yield tenant_task("modules", plan, tenant, subject, partial(_look, tenant))


def _look(tenant: TenantPlan, context: VerifyContext) -> Verdict:
    """Compare what the tenant has with what was declared."""
    return verdict(tenant, tenant_answer(context, tenant), context.answer(tenant.council).depends)


def verdict(tenant: TenantPlan, reply: TenantReply, depends: Mapping[str, tuple[str, ...]]) -> Verdict:
    """Return the verdict on the modules and proofs that a probe read; `depends` is the image's dependency table.

    Raises `Inconclusive` when the probe could not read them.
    """
    if reply.modules is None:
        raise Inconclusive(f"The modules could not be read: {reply.detail}.")
    declared_modules = {name for modules in tenant.modules.values() for name in modules}
    problems = difference(closure(declared_modules, depends), reply.modules)
    for module, model in sorted(tenant.proof_models.items()):
        if reply.proofs[model]:
            problems.append(f"{module} does not answer: {model}: {reply.proofs[model]}")
    names = ", ".join(sorted(tenant.modules))
    return verdict_on(
        problems, f"exactly {names}: {len(reply.modules)} Tryton modules, {len(reply.proofs)} models answer"
    )


def closure(declared: Iterable[str], depends: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Return the declared modules with everything they depend on, and what every database has.

    Raises `Inconclusive` when the image does not know one of them.
    """
    modules: set[str] = set()
    pending = [*declared, *ALWAYS]
    while pending:
        module = pending.pop()
        if module not in depends:
            raise Inconclusive(f"The image's table of modules does not know {module}.")
        if module not in modules:
            modules.add(module)
            pending += depends[module]
    return modules


def difference(expected: set[str], actual: Iterable[str]) -> list[str]:
    """Return what is missing and what is too much, in words; nothing when the two are equal."""
    missing, unexpected = sorted(expected - set(actual)), sorted(set(actual) - expected)
    problems = [f"missing: {', '.join(missing)}"] if missing else []
    return problems + ([f"not declared: {', '.join(unexpected)}"] if unexpected else [])
