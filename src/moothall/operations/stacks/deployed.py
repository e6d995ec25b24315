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
from moothall.operations.secrets import generation_tag, key_id, passing_vault, state_passphrase
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
    engine_reach: Reach,
    *,
    events: Path | None = None,
    accepted_sites: Collection[str] = (),
) -> Deployment:
    """Return the deployment of the plan with the engines that were found and the request's state and selection.

    `events` is the folder for Pulumi's event streams, None for none; `accepted_sites` are the sites whose engine
    has changed with the operator's consent.
    """
    from moothall.deploy.deployment import Deployment
    from moothall.deploy.render_secrets import later_generations
    from moothall.keys.keyring_file import salt_line
    from moothall.plan import digest
    from moothall.pulumi_engine import Backend

    runner, vault = chosen_runner(context, vault)
    tags = generation_tag(context, plan)
    year = certificates_year(plan.partnership, plan.agreed)
    return Deployment(
        plan=plan,
        digest=lambda stack: digest(plan, stack, year, _place(engine_reach, stack) + later_generations(stack, tags)),
        vault=vault,
        key_id=key_id(context, plan),
        engines=engine_reach.engines,
        state=context.state,
        backend=Backend(
            context.state,
            state_passphrase,
            lambda: salt_line(context.state, plan.partnership),
            Cache(folder_of(context.state), code(paths.ENGINE)),
        ),
        is_selected=selection(context, plan),
        silent=engine_reach.silent,
        runner=runner,
        events=events,
        accepted_sites=frozenset(accepted_sites),
        local=not chosen_backend(context),
    )


def selection(context: Context, plan: Plan) -> Callable[[Stack], bool]:
    """Return which stacks a request is about: with a council or an instance also that of the store of logs, which knows
    their gateways and servers by their keys, and would hear a new one no more."""
    has_senders = plan.trail is not None and (context.council or context.instance) and not context.site
    store = plan.trail.store if plan.trail and has_senders else None
    return lambda stack: context.selects(stack) or any(container.name == store for container in stack.containers)


def _place(engine_reach: Reach, stack: Stack) -> str:
    """Return the endpoint of the engine that is named for the stack's site; empty for the local engine."""
    return engine_reach.engines.endpoint_of(stack.site).host if engine_reach.engines.engine_of(stack.site) else ""


def standing_stacks(
    context: Context, plan: Plan, is_asked: Callable[[str], bool] = lambda stack: True
) -> tuple[str, ...]:
    """Return the names of the partnership's stacks that hold anything, from the state alone, that `is_asked`
    accepts.

    Raises OperationError (refused) where the state is in a backend that the request does not name, or not in the one
    they do.
    """
    from moothall.deploy.deployment import PROJECT
    from moothall.keys import LateVault
    from moothall.pulumi_engine import Backend

    remote_states.refuse_local(context, plan)
    runner, _ = chosen_runner(context, LateVault(lambda: passing_vault(plan)))
    backend = Backend(context.state, state_passphrase)
    has_backend = bool(chosen_backend(context))
    resource_counts = runner.resource_counts(
        PROJECT, backend, lambda name: parts(name).partnership == plan.partnership and (has_backend or is_asked(name))
    )
    if has_backend:
        remote_states.refuse_backend(context, plan, resource_counts)
    return tuple(name for name, count in resource_counts.items() if count and is_asked(name))


def leaving_stacks(context: Context, plan: Plan) -> tuple[str, ...]:
    """Return the stacks that are to be taken down because their unit left a site.

    Raises OperationError (refused) when something stands whose definition is gone altogether, or is another's now.
    """
    from moothall.deploy.identities import changed_uids
    from moothall.deploy.orphans import find_orphans

    planned_names = {stack.name for stack in plan.stacks}
    exchanged_uids = changed_uids(context.state, plan)
    has_selection = context.council or context.site or context.instance

    def is_relevant(stack: str) -> bool:
        """Say whether this stack, if deployed, may have to go or be refused: most are planned with the same uid."""
        unit = parts(stack).unit_or_site
        return unit in exchanged_uids or (
            stack not in planned_names and not (has_selection and unit in plan.identities)
        )

    standing_names = standing_stacks(context, plan, is_relevant)
    _check_same_councils(plan, exchanged_uids, {parts(stack).unit for stack in standing_names})
    orphans = find_orphans(plan, standing_names)
    if not orphans.orphans:
        return () if has_selection else orphans.stacks
    unit, stacks = next(iter(orphans.orphans.items()))
    other_count = len(orphans.orphans) - 1
    more_units = f" (and {other_count} more)" if other_count else ""
    folder = f"partnerships/{plan.partnership}"
    raise OperationError(
        f"{unit}{more_units} is defined no more but still stands: {', '.join(stacks)}. "
        "Removing a file is not permission to delete what runs",
        state="Nothing was touched.",
        hint=f"git checkout -- {folder}  # put it back; `moothall destroy --council {unit}` takes it down on purpose",
        exit_code=REFUSED,
    )


def _check_same_councils(plan: Plan, exchanged_uids: Mapping[str, tuple[str, str]], units: set[str | None]) -> None:
    """Refuse a council whose uid changed while it stands: its passwords and keys are derived from it."""
    for council in sorted(exchanged_uids.keys() & units):
        old, new = exchanged_uids[council]
        raise OperationError(
            f"the uid of {council} was {old} and is {new} now, while {council} stands. A uid never changes: "
            "every password and key of the council would",
            state="Nothing was touched.",
            hint=f"sed -i 's/{new}/{old}/' partnerships/{plan.partnership}/councils/{council}.yaml",
            exit_code=REFUSED,
        )
