"""The plan of a request."""

from __future__ import annotations

from moothall.compilation import compile_all
from moothall.engines import clashes
from moothall.failures import USAGE, OperationError
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.definitions import check_name, mapped_engines, stop_for, valid_definitions


def chosen_plan(context: Context, *, council_only: bool = False) -> Plan:
    """Return the one plan that is chosen; with `council_only` without the stacks of councils that are not chosen.

    Without a choice it is the only partnership there is, or the only one that stands according to the state. Raises
    OperationError when there are several to choose from.
    """
    validation = valid_definitions(context)
    names = sorted(folder.partnership.metadata.name for folder in validation.definitions.folders)
    chosen_names = [context.partnership] if context.partnership else names
    if len(chosen_names) > 1:
        from moothall.keys.keyring_file import keyring_path

        chosen_names = [name for name in names if keyring_path(context.state, name).exists()] or names
    if len(chosen_names) != 1:
        message = f"which partnership? There is {', '.join(names) or 'none'}"
        hint = "add --partnership NAME" if names else "mkdir partnerships/NAME  # and describe it in partnership.yaml"
        raise OperationError(message, hint=hint, exit_code=USAGE)
    from moothall.plan import receivers

    mapping = mapped_engines(context, validation.definitions)
    # Between engines councils share the ports of the links, and two might have the same one.
    councils = [context.council] if council_only and context.council and not mapping.engines.named_engines else None
    [plan] = compile_all(validation.definitions, context.as_of, chosen_names[0], mapping.engines, councils)
    stop_for(clashes(mapping, receivers(plan)), mapping.files)
    check_name("council", context.council, [*plan.identities])
    check_name("site", context.site, [s.site for s in plan.stacks])
    check_name("instance", context.instance, [s.unit for s in plan.stacks if s.kind == "instance"])
    return plan
