"""Moving a tenant to the server that the definitions have it on: its own, or the one that others share.

Nobody else is touched: the server that it goes to stands, or is stood up, beside; its data is carried while it alone is
frozen; then its own stacks are made as planned. The former server keeps its database until it is forgotten.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moothall.docker_engine.pool import EnginePool
from moothall.failures import REFUSED, Inconclusive, OperationError
from moothall.model.dedicated import is_dedicated
from moothall.model.outcome import Report
from moothall.model.planned import Plan, TenantPlan
from moothall.operations.confirm import confirm
from moothall.operations.context import Context
from moothall.operations.planning import chosen_plan
from moothall.operations.stacks import engine_bindings, remote_states
from moothall.operations.stacks.apply import ApplyOptions, apply
from moothall.operations.stacks.destroy import DestroyOptions, destroy
from moothall.operations.stacks.locks import hold_stacks
from moothall.operations.tenant_move.carrying import Carrying
from moothall.operations.tenant_move.places import Place, find_left_servers, other_place, planned_place
from moothall.operations.tenants import tenant_of
from moothall.plan.preparation import mark
from moothall.postgres import databases
from moothall.report.tenant_move.view import FORGOTTEN, KIND, MOVED, THERE, UNDONE, TenantMoveView, view
from moothall.report.text.view import text_of

if TYPE_CHECKING:
    from moothall.postgres.content import Content
    from moothall.report.changes.view import ChangesView


@dataclass(frozen=True)
class TenantMoveOptions:
    """Whose tenant of which instance, what is done, and how that is agreed to: `confirm` is the council's name."""

    council: str
    instance: str
    undo: bool = False
    forget: bool = False
    yes: bool = False
    confirm: str | None = None

    @property
    def command(self) -> str:
        """The command that moves, or goes on."""
        return f"moothall tenant move {self.council} {self.instance}"


@dataclass(frozen=True)
class _Move:
    """A tenant between two servers: the one that it is planned on, and the other, if there is one."""

    context: Context
    options: TenantMoveOptions
    plan: Plan
    tenant: TenantPlan
    own: Place
    other: Place | None

    @property
    def stacks(self) -> tuple[str, ...]:
        """The stacks that nobody else may change meanwhile: both servers', and the council's."""
        councils = (stack.name for stack in self.plan.stacks if stack.council == self.tenant.council)
        return (*self.own.stacks, *(self.other.stacks if self.other else ()), *councils)

    def carrying(self, source: Place, target: Place) -> Carrying:
        """Return the work between the servers that take writes at two places. Raises Inconclusive."""
        own_mark = mark(self.plan.identities[self.tenant.council])
        return Carrying(self.tenant, source.primary(), target.primary(), own_mark)


def move(context: Context, options: TenantMoveOptions) -> Report:
    """Move the tenant, give the move up, or remove what it has left behind; return what came of it.

    Raises OperationError when it cannot be done or is not agreed to. Given again after a kill, a move goes on.
    """
    tenant_move = _begin(context, options)
    if options.undo:
        return Report(KIND, _undo(tenant_move))
    if options.forget:
        return Report(KIND, _forget(tenant_move))
    return _move(tenant_move)


def _begin(context: Context, options: TenantMoveOptions) -> _Move:
    plan = chosen_plan(context)
    remote_states.refuse_local(context, plan)
    tenant = tenant_of(plan, options.council, options.instance)
    engine_reach = engine_bindings.reach(context, plan)
    for reason in engine_reach.silent.values():
        raise OperationError(reason, state="Nothing was touched.", hint="moothall doctor")
    pool = EnginePool(plan, engine_reach.engines)
    with _operation_errors("Nothing was touched.", "moothall doctor"):
        left_servers = find_left_servers(plan, pool.all)
    other = other_place(plan, tenant, pool, left_servers)
    own = planned_place(plan, tenant.instance, pool)
    return _Move(context._replace(partnership=plan.partnership), options, plan, tenant, own, other)


def _move(tenant_move: _Move) -> Report:
    """Carry the tenant's data to where it is planned, if it is not there yet, and have the tenant stand there."""
    other, database = tenant_move.other, tenant_move.tenant.database
    with _operation_errors("Nothing was touched.", f"moothall up --council {tenant_move.tenant.council}"):
        is_elsewhere = other is not None and other.holds(database)
        if not is_elsewhere and not tenant_move.own.holds(database):
            raise Inconclusive(f"No server has data of {tenant_move.tenant.council} in {tenant_move.tenant.used}.")
    start_time, contents = time.monotonic(), None
    if other and is_elsewhere:
        _confirm_move(tenant_move, other)
        _stand_up_server(tenant_move)
        start_time, contents = _carry(tenant_move, other)
    elif other:
        _give_up(tenant_move, tenant_move.own, other)  # of a move the other way that did not end
    changes, _ = apply(_of_council(tenant_move), ApplyOptions())
    _refuse_unfinished(tenant_move, changes)
    seconds = round(time.monotonic() - start_time, 1) if contents is not None else None
    waiting = [f"{tenant['subject']}: {tenant['detail']}" for tenant in changes["waiting"]]
    kept = _kept(tenant_move) if other else ()
    move_view = _view(tenant_move, MOVED if contents is not None else THERE, kept, contents, seconds, waiting)
    return Report(KIND, move_view, 1 if waiting else 0)


def _carry(tenant_move: _Move, other: Place) -> tuple[float, Content]:
    """Carry the data and return it, and the moment (monotonic seconds) since which nobody of the tenant can work."""
    state = f"The data of {tenant_move.tenant.council} is on {other.name} as before, or carried whole."
    with (
        hold_stacks(tenant_move.context, tenant_move.stacks),
        _operation_errors(state, f"{tenant_move.options.command}  # goes on; --undo gives it up"),
    ):
        carrying = tenant_move.carrying(other, tenant_move.own)
        carrying.begin()
        start_time = time.monotonic()
        return start_time, carrying.run(tenant_move.context.progress)


def _stand_up_server(tenant_move: _Move) -> None:
    """Stand up the tenant's own server, if that is where it goes; the shared one stands, and is others' as well."""
    if not is_dedicated(tenant_move.own.name):
        return
    changes, code = apply(
        tenant_move.context._replace(council=None, site=None, instance=tenant_move.own.name), ApplyOptions()
    )
    if code:
        _refuse_unfinished(tenant_move, changes)


def _refuse_unfinished(tenant_move: _Move, changes: ChangesView) -> None:
    """Raise OperationError when a stack did not become what is planned."""
    for stack in changes["stacks"]:
        reasons = [stack["reason"], *(failure["message"] for failure in stack["failures"])]
        if stack["status"] in ("failed", "refused", "locked", "could-not-run"):
            raise OperationError(
                f"{stack['stack']}: {' '.join(filter(None, reasons))}",
                state=f"The data of {tenant_move.tenant.council} is whole, on one of the two servers.",
                hint=f"{tenant_move.options.command}  # goes on",
            )


def _undo(tenant_move: _Move) -> TenantMoveView:
    """Give up a move that did not end, whichever way it went."""
    own, other, tenant = tenant_move.own, tenant_move.other, tenant_move.tenant
    with _operation_errors("Nothing was touched.", "moothall doctor"):
        is_elsewhere = other is not None and other.holds(tenant.database)
    if not other or not _give_up(tenant_move, *((other, own) if is_elsewhere else (own, other))):
        raise OperationError(
            f"no move of {tenant.council} in {tenant.used} is under way",
            state="Nothing was touched.",
            hint=f"{tenant_move.options.command}  # to where its file has it",
            exit_code=REFUSED,
        )
    return _view(tenant_move, UNDONE)


def _give_up(tenant_move: _Move, holder: Place, target: Place) -> bool:
    """Have the tenant work on the server that holds its data, and remove what was carried from there, if anything."""
    with (
        hold_stacks(tenant_move.context, tenant_move.stacks),
        _operation_errors("The tenant's data is where it was.", f"{tenant_move.options.command} --undo"),
    ):
        if not any(server.engine.container(server.container) for server in target.servers):
            return False  # where nothing stands nothing was carried
        return tenant_move.carrying(holder, target).undo()


def _forget(tenant_move: _Move) -> TenantMoveView:
    """Remove what a move has left on the former server: the former database, or all of a server that was its own."""
    tenant, other = tenant_move.tenant, tenant_move.other
    state = "The tenant's data was not touched."
    with _operation_errors(state, "moothall doctor"):
        kept = _kept(tenant_move) if other else ()
        if not other or (other.is_planned and not kept):
            return _view(tenant_move, FORGOTTEN)
        if other.holds(tenant.database) or not tenant_move.own.holds(tenant.database):
            what = f"the data of {tenant.council} in {tenant.used} is not on {tenant_move.own.name}"
            raise OperationError(what, state=state, hint=tenant_move.options.command, exit_code=REFUSED)
    removed = kept if other.is_planned else (*other.stacks, *kept)
    _confirm_forget(tenant_move, removed)
    if other.is_planned:
        with hold_stacks(tenant_move.context, tenant_move.stacks), _operation_errors(state, "do the same again"):
            provisioning = other.primary().provisioning()
            databases.drop(provisioning, databases.names_of(provisioning, tenant.database))
            databases.drop_role(provisioning, tenant.database)
    else:
        context = tenant_move.context._replace(council=other.name, instance=None, site=None)
        destroy(context, DestroyOptions(with_data=True, confirm=tenant_move.plan.partnership))
    return _view(tenant_move, FORGOTTEN, forgotten=removed)


def _kept(tenant_move: _Move) -> tuple[str, ...]:
    """Return the databases of the tenant on the server that it is not on any more; none where nothing of it runs."""
    assert tenant_move.other
    servers = tenant_move.other.servers
    if not any(server.engine.container(server.container) for server in servers):
        return ()
    return databases.names_of(tenant_move.other.primary().provisioning(), tenant_move.tenant.database)


def _of_council(tenant_move: _Move) -> Context:
    return tenant_move.context._replace(council=tenant_move.tenant.council, site=None, instance=None)


def _confirm_move(tenant_move: _Move, other: Place) -> None:
    tenant = tenant_move.tenant
    text = (
        f"{tenant.council_title} in {tenant.instance_title} goes from the server {other.name} to "
        f"{tenant_move.own.name}. Nobody of {tenant.council} can work there meanwhile; nobody else is touched.\n"
    )
    confirm(
        tenant_move.context.progress,
        text_of(text),
        "Move it? Only 'yes' goes on: ",
        given_answer="yes" if tenant_move.options.yes else None,
        refusal="nobody agreed to the move",
        state="Nothing was touched.",
        hint=f"{tenant_move.options.command} --yes",
    )


def _confirm_forget(tenant_move: _Move, removed: tuple[str, ...]) -> None:
    name = tenant_move.tenant.council
    confirm(
        tenant_move.context.progress,
        text_of(f"This is removed, with its data: {', '.join(removed)}.\n"),
        f"Type {name} to go on: ",
        expected=name,
        given_answer=tenant_move.options.confirm,
        refusal="--forget was not confirmed",
        state="Nothing was touched.",
        hint=f"{tenant_move.options.command} --forget --confirm {name}",
    )


def _view(
    tenant_move: _Move,
    outcome: str,
    kept: tuple[str, ...] = (),
    contents: Content | None = None,
    seconds: float | None = None,
    waiting: list[str] | None = None,
    forgotten: tuple[str, ...] = (),
) -> TenantMoveView:
    return view(
        tenant_move.plan.partnership,
        tenant_move.tenant,
        tenant_move.other.name if tenant_move.other else None,
        outcome,
        kept=kept,
        rows=sum(table.rows for table in contents.values()) if contents is not None else None,
        seconds=seconds,
        waiting=waiting or [],
        forgotten=forgotten,
    )


@contextmanager
def _operation_errors(state: str, hint: str) -> Iterator[None]:
    """Raise OperationError in place of an Inconclusive."""
    try:
        yield
    except Inconclusive as error:
        raise OperationError(str(error), state=state, hint=hint) from error
