"""Every door at which something stolen may be tried, and who is let in there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import token_hex

from moothall.docker_engine.hardening import NO_NETWORK, SPACE_OF
from moothall.docker_engine.one_off import FOLDER, ContainerResult, OneOff, run_one_off
from moothall.docker_engine.stale import owner_labels
from moothall.model.planned import Attachment, Container, Plan, TenantPlan, TrailPlan
from moothall.model.roles import PROVISIONER
from moothall.model.stackname import stack_of
from moothall.operations.drill.loot import STOLEN, Loot
from moothall.operations.restore.copy import folder_in_use
from moothall.plan import naming, secret_refs
from moothall.plan.config import pgbackrest, postgres
from moothall.verify.context import VerifyContext, place, planned_container, probe_image, tenant_order
from moothall.verify.inside import LINK_CERTIFICATE, doors, is_hop, next_hops
from moothall.verify.probe import Order, Place, ProbeReply, probe
from moothall.verify.reachability_matrix import identity_of, leaf_in
from moothall.verify.trail import Question, read

_SECONDS = 60
_OWN = "/cfg/server.crt"
"""Where a server, an agent or a repository has its certificate."""
_LET_IN = {"serves": True, "ok": True, "refused": False, "closes": False}


@dataclass(frozen=True)
class Attempt:
    """One stolen thing at one door: its id, what it is in words, and whether it is let in; None: nobody answers."""

    id: str
    subject: str
    is_let_in: bool | None


Attempts = Iterator[Attempt]


def attempts(context: VerifyContext, loot: Loot) -> list[Callable[[], Attempts]]:
    """Return what tries each group of doors, each from where a thief would stand; the context says what is in use now.

    Each raises Inconclusive, when it is iterated, where nothing can be tried.
    """
    plan, tries = context.plan, list[Callable[[], Attempts]]()
    for tenant in plan.tenants:
        tries += [partial(_gateways, context, loot, tenant), partial(_sign_in, context, loot, tenant)]
    for servers in map(plan.servers, _instances(plan)):
        tries += [partial(_databases, context, loot, server) for server in servers]
        tries += [partial(_replication, context, loot, server) for server in servers if len(servers) > 1]
        tries += [partial(_store, context, loot, server, plan.trail) for server in servers if plan.trail]
    for backup in plan.backups:
        tries += [partial(kind, context, loot, backup.repository) for kind in (_backup_services, _backups)]
    return tries


def _instances(plan: Plan) -> list[str]:
    return sorted({tenant.instance for tenant in plan.tenants})


def _gateways(context: VerifyContext, loot: Loot, tenant: TenantPlan) -> Attempts:
    """Try a relay's certificate at its gateways, from inside the relay."""
    relay = planned_container(context.plan, tenant.relay)
    hops = next_hops(context.plan, relay)
    ways = [(t, name) for t, name in doors(context) if is_hop(t, hops) and _leads_to(context.plan, t.container, name)]
    greetings = tuple((target.address, target.port, name) for target, name in ways)
    for how, identity in loot.identities(identity_of(context.plan, tenant), context.vault):
        reply = _probe(context, relay, Order(greetings=greetings, identity=identity))
        for (_, name), outcome in zip(ways, reply.greetings, strict=True):
            yield _attempt(f"{name}.{how}", f"the {how} certificate of {relay.name} at {name}", outcome)


def _leads_to(plan: Plan, container: str, gateway: str) -> bool:
    """Say whether a container is a gateway, or a transit relay that has a way to this one."""
    planned = planned_container(plan, container)
    return planned.role == "gateway" or any(gateway in file.text.split() for file in planned.files)


def _sign_in(context: VerifyContext, loot: Loot, tenant: TenantPlan) -> Attempts:
    """Try the administrator's password, from the council's own network.

    The answer is waited for, and the question not asked again meanwhile: Tryton counts wrong passwords, and after a few
    the right one is refused as well.
    """
    login = {**tenant_order(tenant, loot.vault, proofs=False), "answer_seconds": _SECONDS}
    order = Order(tenants=(login,), deadline_seconds=_SECONDS)
    engine = context.engine_pool.of_network(tenant.network)
    reply = probe(engine, place(context.plan, tenant), order, context.vault.people_authority())
    name = f"{tenant.council}.{tenant.instance}"
    outcome = reply.tenants[tenant.instance].outcome
    yield _attempt(f"{name}.password", f"the password of {tenant.login} at {name}", outcome)


def _databases(context: VerifyContext, loot: Loot, server: Container) -> Attempts:
    """Try the tenants' passwords and the jobs' certificate at a database server, from the applications' network."""
    beside, host = _applications_place(context, server), {"host": _own_place(server).aliases[0], "port": postgres.PORT}
    tenants = [tenant for tenant in context.plan.tenants if tenant.instance == server.instance]
    passwords = tuple(
        {
            "user": tenant.database,
            "database": tenant.database,
            "password": loot.vault.secret(_password(tenant, context)),
        }
        for tenant in tenants
    )
    provisioner = {"user": PROVISIONER, "database": "postgres"}
    for how, identity in loot.identities(naming.job(server.instance or ""), context.vault):
        logins = tuple({**host, **login} for login in (provisioner, *(passwords if how == STOLEN else ())))
        order = Order(logins=logins, identity=identity)
        reply = probe(context.engine_pool.of(server.name), beside, order, context.vault.authority())
        for login, outcome in zip(logins, reply.logins, strict=True):
            what = "password" if "password" in login else f"{how} certificate"
            yield _attempt(
                f"{server.name}.{login['user']}.{how}", f"the {what} of {login['user']} at {server.name}", outcome
            )


def _replication(context: VerifyContext, loot: Loot, server: Container) -> Attempts:
    """Try the certificates of an instance's servers at each of them, from inside the database relay beside it."""
    stack = next(stack for stack in context.plan.stacks if server in stack.containers)
    relays = [container for container in stack.containers if container.role == "database-relay"]
    targets = [t for t in context.targets if t.container == server.name and t.port == postgres.PORT]
    for relay in relays:
        for how, identity in loot.identities(leaf_in(server, _OWN), context.vault):
            order = Order(targets=(targets[0].pair,), controls=(0,), servers=(0,), identity=identity)
            [outcome] = _probe(context, relay, order).servers
            yield _attempt(f"{server.name}.repl.{how}", f"a server's {how} certificate at {server.name}", outcome)


def _store(context: VerifyContext, loot: Loot, server: Container, trail: TrailPlan) -> Attempts:
    """Try the certificates of a server, and of the gateways beside it, at the store of logs, by the server's own way.

    The store answers nobody: who is let in finds in it what he said.
    """
    address, _, port = server.environment["STORE"].partition(":")
    senders = [(server, _OWN), *((gateway, LINK_CERTIFICATE) for gateway in _gateways_beside(context.plan, server))]
    said = []
    for sender, path in senders:
        for how, identity in loot.identities(leaf_in(sender, path), context.vault):
            line = f"moothall drill leak {token_hex(8)}"
            order = Order(lines=((address, int(port), server.environment["STORE_NAME"], line),), identity=identity)
            said.append((sender, how, line, _probe(context, server, order).lines[0]))
    question = Question(words=[line for *_, line, _ in said], first_day=_yesterday())
    kept = {entry.line for entry in read(context.plan, trail, context.engine_pool, question).entries}
    for sender, how, line, outcome in said:
        is_let_in = True if line in kept else _LET_IN.get(outcome)
        yield Attempt(
            f"{trail.store}.{sender.name}.{how}", f"the {how} certificate of {sender.name} at {trail.store}", is_let_in
        )


def _gateways_beside(plan: Plan, server: Container) -> list[Container]:
    """Return the gateways of a server's instance at its site."""
    [site] = {stack.site for stack in plan.stacks if server in stack.containers}
    at_site = [container for stack in plan.stacks if stack.site == site for container in stack.containers]
    return [container for container in at_site if container.role == "gateway" and container.instance == server.instance]


def _yesterday() -> str:
    return (datetime.now(UTC) - timedelta(days=1)).date().isoformat()


def _backup_services(context: VerifyContext, loot: Loot, repository: str) -> Attempts:
    """Try the certificates of servers and agents at the repository, and its own at agents, from beside the door."""
    target = planned_container(context.plan, repository)
    agents = [c for c in _containers(context.plan, "agent") if c.instance == target.instance]
    servers = context.plan.servers(target.instance or "")
    visits = [(target, client) for client in (*agents, *servers)] + [(agent, target) for agent in agents]
    for door, client in visits:
        beside = _own_place(door)
        files = {
            "ca.crt": context.vault.authority(),
            "pgbackrest.conf": pgbackrest.visitor(door.instance or "", beside.aliases[0], of_repository=door is target),
        }
        words = ["repo-ls", "archive"] if door is target else ["stanza-create"]
        for how, identity in loot.identities(leaf_in(client, _OWN), context.vault):
            certificate, key = identity.split("-----BEGIN PRIVATE KEY-----")
            shown = {"server.crt": certificate, "server.key": f"-----BEGIN PRIVATE KEY-----{key}"}
            result = _pgbackrest(context, door, words, {**files, **shown}, network=beside.network)
            subject = f"the {how} certificate of {client.name} at {door.name}"
            yield Attempt(f"{door.name}.{leaf_in(client, _OWN)}.{how}", subject, answers_visitor(result))


def answers_visitor(result: ContainerResult) -> bool | None:
    """Return whether a backup service let somebody in, by what pgBackRest 2.45 says; None where none was reached.

    At the agent of a server that is no primary a stanza cannot be made, which is said after the agent has answered.
    """
    text = result.out + result.err
    if "access denied" in text or "TLS error" in text:
        return False
    if result.code == 0 or "raised from remote" in text:
        return True
    return True if "unable to find primary" in text and "unable to check" not in text else None


def _backups(context: VerifyContext, loot: Loot, repository: str) -> Attempts:
    """Try the cipher on the repository into which backups go, as somebody who has its files."""
    target = planned_container(context.plan, repository)
    label = secret_refs.instance_secret(target.instance or "", "repository-cipher")
    stolen = pgbackrest.Repository(folder_in_use(context.vault, label), loot.vault.secret(label))
    files = {"pgbackrest.conf": pgbackrest.reader(target.instance or "", [stolen])}
    backups = f"{naming.engine_name(stack_of(target.name), 'backups')}:{pgbackrest.PATH}:ro"
    result = _pgbackrest(context, target, ["--output=json", "info"], files, binds=[backups])
    yield Attempt(f"{repository}.cipher", f"the cipher of backups on what {repository} holds", '"label"' in result.out)


def _pgbackrest(
    context: VerifyContext,
    like: Container,
    words: Sequence[str],
    files: Mapping[str, str],
    *,
    network: str = NO_NETWORK,
    binds: Sequence[str] = (),
) -> ContainerResult:
    """Run pgBackRest in a throw-away container that is like another one."""
    spec = OneOff(
        like.image,
        like.user,
        owner_labels(context.plan.partnership),
        like.memory_mb,
        network=network,
        binds=binds,
        volumes=[FOLDER],
        tmpfs=like.tmpfs,
        command=["pgbackrest", "--config=/cfg/pgbackrest.conf", f"--stanza={like.instance}", *words],
    )
    return run_one_off(context.engine_pool.of(like.name), spec, files, _SECONDS)


def _attempt(id_: str, subject: str, outcome: str) -> Attempt:
    return Attempt(id_, subject, _LET_IN.get(outcome))


def _probe(context: VerifyContext, inside: Container, order: Order) -> ProbeReply:
    """Run a probe in the view of the network that a container has."""
    where = _place(context, inside, SPACE_OF + inside.name)
    return probe(context.engine_pool.of(inside.name), where, order, context.vault.authority())


def _applications_place(context: VerifyContext, container: Container) -> Place:
    """Return the network of the instance on which a container stands, as the applications do."""
    return _place(context, container, _own_place(container).network)


def _place(context: VerifyContext, container: Container, network: str) -> Place:
    application = _containers(context.plan, "application")[0]
    image = probe_image(context.plan, application)
    return Place(context.plan.partnership, container.name, network, image, application.user)


def _own_place(container: Container) -> Attachment:
    """Return where a container stands on a network of its own stack, by which others there know it."""
    return next(attachment for attachment in container.networks if attachment.own)


def _containers(plan: Plan, role: str) -> list[Container]:
    return [container for stack in plan.stacks for container in stack.containers if container.role == role]


def _password(tenant: TenantPlan, context: VerifyContext) -> str:
    """Return the label of the password of a tenant's role."""
    return secret_refs.tenant_secret(context.plan.identities[tenant.council], tenant.instance, "database-password")
