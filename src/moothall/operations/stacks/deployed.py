"""What stands now, according to the state: the deployment of a plan and the stacks that are leaving."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from moothall import paths
from moothall.cache import Cache, code, folder_of
from moothall.failures import REFUSED, OperationError
from moothall.model.planned import Plan, Stack
from moothall.model.stackname import parts
from moothall.operations.context import Context
from moothall.operations.secrets import generation, key_id, passing_vault, state_passphrase
from moothall.operations.stacks import remote_states
from moothall.operations.stacks.engine_bindings import Reach
from moothall.operations.stacks.runner import chosen_backend, chosen_runner
from moothall.ports import Vault
from moothall.settings.day import certificates_year

if TYPE_CHECKING:
    from pathlib import Path

    from moothall.deploy.deployment import Deployment


def deployment(
    context: Context,
    plan: Plan,
    vault: Vault,
    found: Reach,
    *,
    events: Path | None = None,
    accepted: Collection[str] = (),
) -> Deployment:
    """Return the deployment of the plan with the engines that were found and the request's state and selection.

    `events` is the folder for Pulumi's event streams, None for none; `accepted` are the sites that have another engine
    now than the one that they stand on.
    """
    from moothall.deploy.deployment import Deployment
    from moothall.deploy.render_secrets import later_generations
    from moothall.keys.keyring import salt_line
    from moothall.plan import digest
    from moothall.pulumi_engine import Backend

    runner, vault = chosen_runner(context, vault)
    numbers = generation(context, plan)
    year = certificates_year(plan.partnership, plan.agreed)
    return Deployment(
        plan=plan,
        digest=lambda stack: digest(plan, stack, year, _place(found, stack) + later_generations(stack, numbers)),
        vault=vault,
        key_id=key_id(context, plan),
        engines=found.engines,
        state=context.state,
        backend=Backend(
            context.state,
            state_passphrase,
            lambda: salt_line(context.state, plan.partnership),
            Cache(folder_of(context.state), code(paths.ENGINE)),
        ),
        selected=context.selects,
        silent=found.silent,
        runner=runner,
        events=events,
        elsewhere=frozenset(accepted),
        local=not chosen_backend(context),
    )


def _place(found: Reach, stack: Stack) -> str:
    """Return what else decides a stack: the endpoint of an engine that was named for its site."""
    return found.engines.at(stack.site).host if found.engines.serving(stack.site) else ""


def standing(context: Context, plan: Plan, of: Callable[[str], bool] = lambda stack: True) -> tuple[str, ...]:
    """Return the names of the partnership's stacks that hold anything, from the state alone, `of` those asked for.

    Raises OperationError (refused) where the state is in a backend that the request does not name, or not in the one
    they do.
    """
    from moothall.deploy.deployment import PROJECT
    from moothall.keys import LateVault
    from moothall.pulumi_engine import Backend

    remote_states.refuse_local(context, plan)
    runner, _ = chosen_runner(context, LateVault(lambda: passing_vault(plan)))
    backend = Backend(context.state, state_passphrase)
    remote = bool(chosen_backend(context))
    found = runner.recorded(
        PROJECT, backend, lambda name: parts(name).partnership == plan.partnership and (remote or of(name))
    )
    if remote:
        remote_states.refuse_backend(context, plan, found)
    return tuple(name for name, count in found.items() if count and of(name))


def leaving(context: Context, plan: Plan) -> tuple[str, ...]:
    """Return the stacks that are to be taken down because their unit left a site.

    Raises OperationError (refused) when something stands whose definition is gone altogether, or is another's now.
    """
    from moothall.deploy.identities import changed
    from moothall.deploy.orphans import leaving as sort_out

    planned = {stack.name for stack in plan.stacks}
    exchanged = changed(context.state, plan)
    some = context.council or context.site or context.instance

    def tells(stack: str) -> bool:
        """Say whether anything would follow from it that this stack stands: most are planned, and by the same uid."""
        unit = parts(stack).holds
        return unit in exchanged or (stack not in planned and not (some and unit in plan.identities))

    there = standing(context, plan, tells)
    _same_councils(plan, exchanged, {parts(stack).unit for stack in there})
    found = sort_out(plan, there)
    if not found.orphans:
        return () if some else found.stacks
    unit, stacks = next(iter(found.orphans.items()))
    others = len(found.orphans) - 1
    more = f" (and {others} more)" if others else ""
    folder = f"partnerships/{plan.partnership}"
    raise OperationError(
        f"{unit}{more} is defined no more but still stands: {', '.join(stacks)}. "
        "Removing a file is not permission to delete what runs",
        state="Nothing was touched.",
        hint=f"git checkout -- {folder}  # put it back; `moothall destroy --council {unit}` takes it down on purpose",
        exit_code=REFUSED,
    )


def _same_councils(plan: Plan, exchanged: Mapping[str, tuple[str, str]], units: set[str | None]) -> None:
    """Refuse a council whose uid changed while it stands: its passwords and keys are derived from it."""
    for council in sorted(exchanged.keys() & units):
        old, new = exchanged[council]
        raise OperationError(
            f"the uid of {council} was {old} and is {new} now, while {council} stands. A uid never changes: "
            "every password and key of the council would",
            state="Nothing was touched.",
            hint=f"sed -i 's/{new}/{old}/' partnerships/{plan.partnership}/councils/{council}.yaml",
            exit_code=REFUSED,
        )
