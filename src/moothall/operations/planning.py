"""The plan of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from moothall.compilation import compile_all
from moothall.engines import clashes
from moothall.failures import USAGE, OperationError
from moothall.model.image import is_image_id, repository
from moothall.model.planned import Container, Plan, Stack
from moothall.operations.context import Context
from moothall.operations.definitions import check_name, mapped_engines, stop_for, valid_definitions


def chosen_plan(context: Context, *, council_only: bool = False) -> Plan:
    """Return the one plan that is chosen; with `council_only` without the stacks of councils that are not chosen.

    It has the tags of images. Whoever asks an engine to run one, or looks at what runs, needs `built_plan`.

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


def built_plan(context: Context, *, council_only: bool = False) -> Plan:
    """Return the chosen plan with the images that were built by their IDs, as they are on record.

    `open_vault` sees to it that nobody has altered the record. Raises OperationError as `chosen_plan` does.
    """
    from moothall.deploy import built_images

    plan = chosen_plan(context, council_only=council_only)
    return by_id(plan, built_images.read(context.state, plan.partnership))


def by_id(plan: Plan, ids: Mapping[str, str]) -> Plan:
    """Return the plan with its images by their IDs; `ids` are by the tags, and where one is not known the tag stays."""

    def stack_by_id(stack: Stack) -> Stack:
        containers = (replace(each, image=ids.get(each.image, each.image)) for each in stack.containers)
        return replace(stack, containers=tuple(containers))

    former_images = {repository(tag): id_ for tag, id_ in ids.items()}
    return replace(plan, stacks=tuple(map(stack_by_id, plan.stacks)), former_images=former_images)


def require_built(container: Container) -> None:
    """Raise OperationError for a container whose image is not on record: what an engine has under a tag is not run."""
    if not is_image_id(container.image):
        raise OperationError(
            f"The image {container.image} was not built yet, or of that nothing is on record",
            state="Nothing was changed.",
            hint="moothall up --yes",
        )
