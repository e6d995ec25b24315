"""Making what stands equal to the plan where the authority is being exchanged: phase by phase.

First everybody trusts two authorities, then the newer one signs, then it alone is trusted. A phase begins when all that
stands follows the one before, so no two sides ever meet of which one does not trust the other. Backup repositories
whose cipher was exchanged go when their time is over.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from moothall.failures import Inconclusive, OperationError
from moothall.model.planned import Plan
from moothall.operations.context import PULUMI, Context
from moothall.operations.planning import chosen_plan
from moothall.operations.secrets import begin_next_phase, forget_repositories, phase_in_use
from moothall.operations.stacks import engine_bindings
from moothall.operations.stacks.apply import ApplyOptions, apply
from moothall.operations.stacks.former_sessions import end_former_sessions

if TYPE_CHECKING:
    from moothall.keys.key_versions import KeyVersions
    from moothall.report.changes.view import ChangesView


def apply_phases(context: Context, options: ApplyOptions) -> tuple[ChangesView, int]:
    """Apply the plan, and go on with an exchange of the keys for as long as all that stands follows.

    At the end nobody is in any more who came with a key or password of before. Returns as `apply` does, of all phases
    together. Raises OperationError.
    """
    changes_view, code = apply(context, options)
    is_whole, was_exchanging = not (context.council or context.site or context.instance), False
    while is_whole and not code:
        plan = chosen_plan(context)
        phase = phase_in_use(context, plan)
        was_exchanging = was_exchanging or phase.is_exchanging
        if was_exchanging and context.engine == PULUMI:
            _have_all_read(context, plan, options)
        if not _begin_more(context, plan, phase):
            break
        from moothall.report.changes.view import join

        later_view, code = apply(context, replace(options, yes=True))
        changes_view = join(changes_view, later_view)
    if not (code or context.site or context.instance):
        plan = chosen_plan(context)
        end_former_sessions(plan, engine_bindings.reach(context, plan, options.accept_engines), context.council)
    return changes_view, code


def _begin_more(context: Context, plan: Plan, phase: KeyVersions) -> bool:
    """Begin what comes when everything follows the keyring, and return whether there is anything."""
    if phase.is_exchanging:
        context.progress.stage(begin_next_phase(context, plan, phase))
        return True
    if forget_repositories(context, plan, phase):
        context.progress.stage("the time of former backup repositories is over: they are taken away")
        return True
    return False


def _have_all_read(context: Context, plan: Plan, options: ApplyOptions) -> None:
    """Have every container read its certificates: Pulumi's plug-in puts files beside what runs and tells nobody."""
    from moothall.docker_engine.pool import EnginePool

    pool = EnginePool(plan, engine_bindings.reach(context, plan, options.accept_engines).engines)
    try:
        for container in (c for stack in plan.stacks for c in stack.containers if c.renew and c.leaf_files):
            engine = pool.of(container.name)
            if engine.inspect(container.name)["State"]["Running"]:
                code, output = engine.run(container.name, container.renew)
                if code:
                    raise Inconclusive(f"{container.name} does not take its certificates: {output}")
    except Inconclusive as reason:
        raise OperationError(
            str(reason),
            state="The exchange of the authority waits; what stands goes on.",
            hint=f"moothall up --partnership {plan.partnership}",
        ) from reason
