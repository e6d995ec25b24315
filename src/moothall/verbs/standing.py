"""What stands now, according to the state: the deployment of a plan and the stacks that are leaving."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

from moothall.failures import REFUSED, Failure
from moothall.model.planned import Plan
from moothall.ports import Vault
from moothall.verbs import session

if TYPE_CHECKING:
    from moothall.deploy.deployment import Deployment


def deployment(options: argparse.Namespace, plan: Plan, vault: Vault) -> Deployment:
    """Return the deployment of the plan with the options' engine, state and selection."""
    from moothall.deploy.deployment import Deployment
    from moothall.engine import Backend
    from moothall.plan import digest

    return Deployment(
        plan=plan,
        digests={stack.name: digest(plan, stack, date.today().year) for stack in plan.stacks},
        vault=vault,
        key_id=session.key_id(options, plan),
        host=session.engine_host(options),
        state=options.state,
        backend=Backend(options.state, session.state_passphrase),
        selected=lambda stack: session.selected(options, stack),
    )


def standing(options: argparse.Namespace, plan: Plan) -> tuple[str, ...]:
    """Return the names of the partnership's stacks that hold anything, from the state alone."""
    from moothall.deploy.deployment import PROJECT
    from moothall.engine import Backend, survey

    found = survey(PROJECT, Backend(options.state, session.state_passphrase)).stacks
    return tuple(s.stack for s in found if s.resources and s.stack.split(".")[0] == plan.partnership)


def leaving(options: argparse.Namespace, plan: Plan) -> tuple[str, ...]:
    """Return the stacks that are to be taken down because their unit left a site.

    Raises Failure (refused) when something stands whose definition is gone altogether.
    """
    from moothall.deploy.leaving import leaving as sort_out

    found = sort_out(plan, standing(options, plan))
    if not found.vanished:
        return () if options.council or options.site or options.instance else found.stacks
    unit, stacks = next(iter(found.vanished.items()))
    others = len(found.vanished) - 1
    more = f" (and {others} more)" if others else ""
    folder = f"partnerships/{plan.partnership}"
    raise Failure(
        f"{unit}{more} is defined no more but still stands: {', '.join(stacks)}. "
        "Removing a file is not permission to delete what runs",
        left="Nothing was touched.",
        mend=f"git checkout -- {folder}  # put it back; `moothall destroy --council {unit}` takes it down on purpose",
        exit_code=REFUSED,
    )
