"""The plan of a request."""

from __future__ import annotations

from moothall.compilation import compile_all
from moothall.engines import clashes
from moothall.failures import USAGE, OperationError
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.definitions import check_name, mapped_engines, stop_for, valid_definitions


def chosen_plan(context: Context, *, alone: bool = False) -> Plan:
    """Return the one plan that is chosen; for one council `alone`, without the other councils' own stacks.

    Without a choice it is the only partnership there is, or the only one that stands according to the state. Raises
    OperationError when there are several to choose from.
    """
    loaded = valid_definitions(context)
    names = sorted(folder.partnership.metadata.name for folder in loaded.definitions.folders)
    chosen = [context.partnership] if context.partnership else names
    if len(chosen) > 1:
        from moothall.keys.keyring import keyring_path

        chosen = [name for name in names if keyring_path(context.state, name).exists()] or names
    if len(chosen) != 1:
        what = f"which partnership? There is {', '.join(names) or 'none'}"
        hint = "add --partnership NAME" if names else "mkdir partnerships/NAME  # and describe it in partnership.yaml"
        raise OperationError(what, hint=hint, exit_code=USAGE)
    from moothall.plan import receivers

    mapping = mapped_engines(context, loaded.definitions)
    # Between engines councils share the ports of the links, and two might have the same one.
    councils = [context.council] if alone and context.council and not mapping.engines.named else None
    [plan] = compile_all(loaded.definitions, context.as_of, chosen[0], mapping.engines, councils)
    stop_for(clashes(mapping, receivers(plan)), mapping.files)
    check_name("council", context.council, [*plan.identities])
    check_name("site", context.site, [s.site for s in plan.stacks])
    check_name("instance", context.instance, [s.unit for s in plan.stacks if s.kind == "instance"])
    return plan
