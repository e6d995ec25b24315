"""A site takes another's place: its instances go to their mirrors there, the files change, and the old site is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from moothall.failures import REFUSED, OperationError
from moothall.model.outcome import Report
from moothall.model.written import Folder, Instance, Site
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.definitions import check_name, valid_definitions
from moothall.operations.files import edit_transaction
from moothall.operations.files.relocate import moved
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
from moothall.validation.validate import Loaded

if TYPE_CHECKING:  # it knows the engine, which is loaded late
    from moothall.report.changes.view import ChangesView

_BAD = ("failed", "refused", "locked", "could-not-run")


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
    loaded = valid_definitions(context)
    folder, old, new = _sites(context, options, loaded)
    changes = moved(loaded, folder, old, new, context.as_of)
    serving = [name for name, each in folder.partnership.instances.items() if each.site == old.name]
    if options.dry_run or changes:
        begun = not folder.active.keys().isdisjoint(serving)
        shown = _ahead(context, options, loaded, changes, begun=begun)
        if options.dry_run:
            return shown
        _agreed(context, options, shown)
    switches = [switch for name in serving for switch in _switched(context, options, name)]
    # The old site and its links stand until nobody is on them any more.
    _written(context, options, None)
    _written(context, options, context.as_of)
    name = folder.partnership.metadata.name
    empty = f"moothall destroy --partnership {name} --site {old.name} --with-data --confirm {name}"
    return Report(KIND, view(switches, empty))


def _written(context: Context, options: SiteMoveOptions, until: date | None) -> None:
    """Have the files say that all is at the new site, the old one until a day, and what stands be so."""
    with edit_transaction.alone(context, writes=True):
        loaded = valid_definitions(context)
        folder, old, new = _sites(context, options, loaded)
        if changes := moved(loaded, folder, old, new, until):
            context.progress.stage(f"writing {', '.join(sorted(changes))}")
            for name in [name for name in folder.active if folder.partnership.instances[name].site == old.name]:
                record(context, switchover_context.load(context, name), None)
            loaded = valid_definitions(context)
            edit_transaction.change(context, loaded, changes, yes=True, dry_run=options.dry_run)
    changed, code = apply(context, ApplyOptions())
    if code:
        left = "The files say how it shall be; what stands is as far as it came."
        raise OperationError(f"not all of it stands: {_wrong(changed)}", state=left, hint=_again(options))


def _wrong(changes: ChangesView) -> str:
    """Return the stacks that are not as planned, with the reasons, or the tenants that nobody can log in to yet."""
    said = []
    for stack in changes["stacks"]:
        reasons = [stack["reason"], stack["hint"], *(failure["message"] for failure in stack["failures"])]
        said += [f"{stack['stack']}: {' '.join(filter(None, reasons))}"] if stack["status"] in _BAD else []
    late = [f"{each['subject']}: {each['detail']}" for each in changes["waiting"]]
    return "; ".join([*said, *late])


def _sites(context: Context, options: SiteMoveOptions, loaded: Loaded) -> tuple[Folder, Site, Site]:
    """Return the partnership and both of its sites; raises OperationError where one cannot take the other's place
    today."""
    plan = chosen_plan(context)
    remote_states.refuse_local(context, plan)  # before a switch is made, not after
    [folder] = [each for each in loaded.definitions.folders if each.partnership.metadata.name == plan.partnership]
    sites = folder.partnership.sites
    for name in (options.old, options.new):
        check_name("site", name, list(sites), option=False)
    old, new = sites[options.old], sites[options.new]
    if new.replaces != old.name:
        _refuse(f"{new.name} does not say that it replaces {old.name}", f"replaces: {old.name}", new)
    if new.planned or (new.start and new.start > context.as_of):
        _refuse(f"{new.name} is not there yet on {context.as_of}", f"from: {context.as_of}", new)
    for instance in folder.partnership.instances.values():
        if instance.site == old.name and _stranded(instance, new):
            what = f"{instance.name} at {old.name} is not mirrored at {new.name}"
            hint = "have its mirror there, and `moothall up`: its data goes over by it"
            raise OperationError(what, state="Nothing was touched.", hint=hint, exit_code=REFUSED)
    return folder, old, new


def _stranded(instance: Instance, new: Site) -> bool:
    return instance.mirror is None or instance.mirror.planned or instance.mirror.site != new.name


def _refuse(what: str, line: str, new: Site) -> None:
    hint = f"write `{line}` below sites.{new.name}"
    raise OperationError(what, state="Nothing was touched.", hint=hint, exit_code=REFUSED)


def _ahead(
    context: Context, options: SiteMoveOptions, loaded: Loaded, changes: edit_transaction.Changes, *, begun: bool
) -> Report:
    """Return what the files will say, tried before anything is touched.

    When the move has begun it was tried then, and what is failed over now may not be changed as it stands.
    """
    if begun:
        return edit_transaction.answer(changes, (), loaded.files, written=False)
    return edit_transaction.change(context, loaded, changes, yes=options.yes, dry_run=True)


def _agreed(context: Context, options: SiteMoveOptions, shown: Report) -> None:
    confirm(
        context.progress,
        shown,
        "Move all this? Only 'yes' goes on: ",
        given="yes" if options.yes else None,
        refused="nobody agreed to the move",
        state="Nothing was touched.",
        hint="add --yes, or --dry-run to see it",
    )


def _switched(context: Context, options: SiteMoveOptions, instance: str) -> list[SwitchView]:
    """Have an instance served by its mirror, if it is not yet, and forget that this is not its home: it will be.

    Return the switch, if one was needed.
    """
    at = switchover_context.load(context, instance)
    if not at.mirror.active and options.new not in at.silent and at.states[options.new].role == PRIMARY:
        return []
    switch = failover(context, FailoverOptions(instance, yes=True, why=f"moves to {options.new}"))
    if exit_code(switch["results"]):
        bad = [f"{each['subject']}: {each['detail']}" for each in switch["results"] if each["status"] in _BAD]
        left = f"{instance} is served where it was, or by its mirror; the definitions are as they were."
        raise OperationError(f"failover of {instance}: {'; '.join(bad)}", state=left, hint=_again(options))
    return [switch]


def _again(options: SiteMoveOptions) -> str:
    return f"moothall site move {options.old} {options.new}  # it goes on from there"
