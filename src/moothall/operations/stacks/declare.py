"""Declare one stack to whichever engine runs the Pulumi program in `stacks/`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from moothall.failures import USAGE, OperationError
from moothall.operations.context import Context
from moothall.operations.definitions import engines_of
from moothall.operations.planning import built_plan, require_built
from moothall.operations.secrets import generation_tag, key_id, open_vault
from moothall.ports import Silent
from moothall.settings.day import certificates_year, day
from moothall.settings.folder import folder
from moothall.settings.variable import variable


async def declare(stack: str, root: Path, *, is_preview: bool) -> None:
    """Declare the resources of `stack`, named `<partnership>.<unit>.<site>` or `<partnership>.<site>`.

    A preview may show images that were not built yet; nothing is run of one.

    The state directory, for the partnership's key, is MOOTHALL_STATE or `.moothall` below `root`; the day is
    MOOTHALL_AS_OF or today. Raises OperationError for a stack that the definitions do not have, and for a variable that
    says neither.
    """
    from moothall.deploy.program import program
    from moothall.deploy.render_secrets import later_generations
    from moothall.plan import digest

    context = Context(
        root,
        variable("MOOTHALL_STATE", folder) or root / ".moothall",
        variable("MOOTHALL_AS_OF", day) or date.today(),
        Silent(),
        partnership=stack.split(".", maxsplit=1)[0],
    )
    plan = built_plan(context)
    planned_stack = next((each for each in plan.stacks if each.name == stack), None)
    if planned_stack is None:
        names = ", ".join(each.name for each in plan.stacks)
        raise OperationError(
            f"the definitions have no stack {stack}",
            hint=f"one of: {names}" if names else "moothall plan",
            exit_code=USAGE,
        )
    if not is_preview:
        for container in planned_stack.containers:
            require_built(container)
    vault = open_vault(context, plan, create=True)
    engines = engines_of(context)
    endpoint = engines.endpoint_of(planned_stack.site)
    year = certificates_year(plan.partnership, plan.agreed)
    place = endpoint.host if engines.engine_of(planned_stack.site) else ""
    generations = later_generations(planned_stack, generation_tag(context, plan))
    stack_digest = digest(plan, planned_stack, year, place + generations)
    await program(plan, planned_stack, vault, key_id(context, plan), endpoint, stack_digest)()
