"""A site takes another's place: its instances go to their mirrors there, the files change, and the old site is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from moothall.failures import REFUSED, OperationError
from moothall.language.facts.dedicated import dedicated_servers
from moothall.model.outcome import Report
from moothall.model.written import Folder, Instance, Site
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.definitions import check_name, valid_definitions
from moothall.operations.files import edit_transaction
from moothall.operations.files.relocate import relocation_changes
from moothall.operations.planning import chosen_plan
from moothall.operations.stacks import remote_states
from moothall.operations.stacks.apply import ApplyOptions, apply
from moothall.operations.switchover import switchover_context
from moothall.operations.switchover.failover import FailoverOptions, failover
from moothall.operations.switchover.record import record
from moothall.operations.switchover.server import PRIMARY
from moothall.report.results.view import exit_code
from moothall.report.site_move.view import KIND, view
from moothall.report.switch.view import SwitchView
from moothall.validation.validate import ValidationResult

if TYPE_CHECKING:  # it knows the engine, which is loaded late
    from moothall.report.changes.view import ChangesView

_FAILURES = ("failed", "refused", "locked", "could-not-run")


@dataclass(frozen=True)
class SiteMoveOptions:
    """The site that is replaced, the one that takes its place, and how that is agreed to."""

    old: str
    new: str
    yes: bool
    dry_run: bool


def move(context: Context, options: SiteMoveOptions) -> Report:
    """Move, and return what came of each step with the interruptions that were measured.

    Raises OperationError when it cannot be done or is not agreed to, InvalidDefinitions with the findings where the
    definitions would be invalid afterwards.
    """
    validation = valid_definitions(context)
    folder, old, new = _sites(context, options, validation)
    changes = relocation_changes(validation, folder, old, new, context.as_of)
    instances_to_move = _instances_at(folder, old)
    if options.dry_run or changes:
        has_begun = not folder.active.keys().isdisjoint(instances_to_move)
        preview = _preview(context, options, validation, changes, has_begun=has_begun)
        if options.dry_run:
            return preview
        _confirm(context, options, preview)
    switches = [switch for name in instances_to_move for switch in _switch_instance(context, options, name)]
    # The old site and its links stand until nobody is on them any more.
    _write_files(context, options, None)
    _write_files(context, options, context.as_of)
    name = folder.partnership.metadata.name
    destroy_command = f"moothall destroy --partnership {name} --site {old.name} --with-data --confirm {name}"
    return Report(KIND, view(switches, destroy_command))


def _instances_at(folder: Folder, site: Site) -> list[str]:
    """Return the instances that run at a site, and the servers that councils have for themselves there."""
    instances = folder.partnership.instances
    servers = [server.name for server in dedicated_servers(folder) if server.instance.site == site.name]
    return [*(name for name, instance in instances.items() if instance.site == site.name), *servers]


def _write_files(context: Context, options: SiteMoveOptions, until: date | None) -> None:
    """Write the files with everything at the new site and the old site ending at `until`, then apply them."""
    with edit_transaction.definitions_lock(context, writes=True):
        validation = valid_definitions(context)
        folder, old, new = _sites(context, options, validation)
        if changes := relocation_changes(validation, folder, old, new, until):
            context.progress.stage(f"writing {', '.join(sorted(changes))}")
            for name in [name for name in _instances_at(folder, old) if name in folder.active]:
                record(context, switchover_context.load(context, name), None)
            validation = valid_definitions(context)
            edit_transaction.change(context, validation, changes, yes=True, dry_run=options.dry_run)
    changes_view, code = apply(context, ApplyOptions())
    if code:
        state = "The files say how it shall be; what stands is as far as it came."
        raise OperationError(
            f"not all of it stands: {_describe_failures(changes_view)}", state=state, hint=_resume_command(options)
        )


def _describe_failures(changes: ChangesView) -> str:
    """Return the stacks that are not as planned, with the reasons, or the tenants that nobody can log in to yet."""
    failures = []
    for stack in changes["stacks"]:
        reasons = [stack["reason"], stack["hint"], *(failure["message"] for failure in stack["failures"])]
        failures += [f"{stack['stack']}: {' '.join(filter(None, reasons))}"] if stack["status"] in _FAILURES else []
    waiting = [f"{tenant['subject']}: {tenant['detail']}" for tenant in changes["waiting"]]
    return "; ".join([*failures, *waiting])


def _sites(context: Context, options: SiteMoveOptions, validation: ValidationResult) -> tuple[Folder, Site, Site]:
    """Return the partnership and both of its sites; raises OperationError where one cannot take the other's place
    today."""
    plan = chosen_plan(context)
    remote_states.refuse_local(context, plan)  # before a switch is made, not after
    [folder] = [
        candidate
        for candidate in validation.definitions.folders
        if candidate.partnership.metadata.name == plan.partnership
    ]
    sites = folder.partnership.sites
    for name in (options.old, options.new):
        check_name("site", name, list(sites), option=False)
    old, new = sites[options.old], sites[options.new]
    if new.replaces != old.name:
        _refuse(f"{new.name} does not say that it replaces {old.name}", f"replaces: {old.name}", new)
    if new.planned or (new.start and new.start > context.as_of):
        _refuse(f"{new.name} is not there yet on {context.as_of}", f"from: {context.as_of}", new)
    for instance in folder.partnership.instances.values():
        if instance.site == old.name and _is_unmirrored(instance, new):
            message = f"{instance.name} at {old.name} is not mirrored at {new.name}"
            hint = "have its mirror there, and `moothall up`: its data goes over by it"
            raise OperationError(message, state="Nothing was touched.", hint=hint, exit_code=REFUSED)
    return folder, old, new


def _is_unmirrored(instance: Instance, new: Site) -> bool:
    return instance.mirror is None or instance.mirror.planned or instance.mirror.site != new.name


def _refuse(message: str, line: str, new: Site) -> None:
    hint = f"write `{line}` below sites.{new.name}"
    raise OperationError(message, state="Nothing was touched.", hint=hint, exit_code=REFUSED)


def _preview(
    context: Context,
    options: SiteMoveOptions,
    validation: ValidationResult,
    changes: edit_transaction.Changes,
    *,
    has_begun: bool,
) -> Report:
    """Return the changes of the files, tried on a copy before anything is touched.

    When the move has begun it was tried then, and what is failed over now may not be changed as it stands.
    """
    if has_begun:
        return edit_transaction.answer(changes, (), validation.files, written=False)
    return edit_transaction.change(context, validation, changes, yes=options.yes, dry_run=True)


def _confirm(context: Context, options: SiteMoveOptions, preview: Report) -> None:
    confirm(
        context.progress,
        preview,
        "Move all this? Only 'yes' goes on: ",
        given_answer="yes" if options.yes else None,
        refusal="nobody agreed to the move",
        state="Nothing was touched.",
        hint="add --yes, or --dry-run to see it",
    )


def _switch_instance(context: Context, options: SiteMoveOptions, instance: str) -> list[SwitchView]:
    """Have an instance served by its mirror, if it is not yet, and forget that this is not its home: it will be.

    Return the switch, if one was needed.
    """
    switchover = switchover_context.load(context, instance)
    if (
        not switchover.mirror.active
        and options.new not in switchover.silent
        and switchover.states[options.new].role == PRIMARY
    ):
        return []
    switch = failover(context, FailoverOptions(instance, yes=True, why=f"moves to {options.new}"))
    if exit_code(switch["results"]):
        failures = [
            f"{result['subject']}: {result['detail']}" for result in switch["results"] if result["status"] in _FAILURES
        ]
        state = f"{instance} is served where it was, or by its mirror; the definitions are as they were."
        raise OperationError(
            f"failover of {instance}: {'; '.join(failures)}", state=state, hint=_resume_command(options)
        )
    return [switch]


def _resume_command(options: SiteMoveOptions) -> str:
    return f"moothall site move {options.old} {options.new}  # it goes on from there"
