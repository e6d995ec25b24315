"""The probe: what can be done from where it stands, asked of a one-off container there.

What a council can reach is only known from where the council stands; what a relay can reach, from inside the relay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moothall.docker_engine.engine import Engine
from moothall.verify.gate import Gate
from moothall.verify.probe_container import ProbeContainer, run


@dataclass(frozen=True)
class Place:
    """Where a probe stands, and as what: the partnership, the council's network, the image and its user."""

    partnership: str
    council: str
    network: str
    image: str
    user: str


@dataclass(frozen=True)
class Order:
    """What a probe shall do: log in to tenants until the deadline, knock at targets (address, port), ask for names.

    `tenants` are objects with instance, host_name, port, database, login, password and proof_models, and perhaps
    `plant`, a name with which a login is to be refused, and `answer_seconds`, how long an answer is waited for.
    `depends` is the path of the module dependency table in the image, or "" to leave it out. `greetings` are
    (address, port, server name) to which the probe shows the certificate `identity` (PEM, with its key); `roles`
    are database roles to try (see `payloads.probe.roles`), `servers` the numbers of targets where the certificate
    asks to follow a database server. `logins` are tries to sign in at a database server (see
    `payloads.probe.logins`), `lines` (address, port, server name, text) what is said with the certificate where
    lines are gathered.
    `machine` are addresses and ports of the engine's machine; `with_sockets` asks which these are, where the machine's
    own view of the network is shared. Silence is believed once those of the targets and greetings that must answer do:
    `controls`, `welcomes` by index.
    """

    tenants: tuple[Mapping[str, object], ...] = field(default=(), repr=False)
    targets: tuple[tuple[str, int], ...] = ()
    controls: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    greetings: tuple[tuple[str, int, str], ...] = ()
    welcomes: tuple[int, ...] = ()
    servers: tuple[int, ...] = ()
    identity: str = field(default="", repr=False)
    roles: tuple[Mapping[str, object], ...] = field(default=(), repr=False)
    logins: tuple[Mapping[str, object], ...] = field(default=(), repr=False)
    lines: tuple[tuple[str, int, str, str], ...] = ()
    machine: tuple[tuple[str, int], ...] = ()
    with_sockets: bool = False
    deadline_seconds: float = 30.0
    knock_seconds: float = 1.0
    depends: str = ""

    def text(self) -> str:
        """Return the order as the probe program reads it."""
        return json.dumps(
            {
                "tenants": [dict(tenant) for tenant in self.tenants],
                "targets": self.targets,
                "controls": self.controls,
                "names": self.names,
                "greetings": self.greetings,
                "welcomes": self.welcomes,
                "servers": self.servers,
                "machine": self.machine,
                "listening": self.with_sockets,
                "roles": [dict(role) for role in self.roles],
                "logins": [dict(login) for login in self.logins],
                "lines": self.lines,
                "deadline_seconds": self.deadline_seconds,
                "knock_seconds": self.knock_seconds,
                "depends": self.depends,
            }
        )


@dataclass(frozen=True)
class TenantReply:
    """A probe's reply about one tenant: outcome (ok, refused, not-ready), why, and how many seconds the login took.

    `waited_seconds` is how long it had tried before. `modules` are the activated Tryton modules, None when they were
    not or could not be read; `proofs` says for each model asked why it does not answer, "" when it does. `planted` says
    what came of a login that was to be refused: "refused", another answer, or "" where none was tried.
    """

    outcome: str
    seconds: float
    detail: str = ""
    modules: tuple[str, ...] | None = None
    proofs: Mapping[str, str] = field(default_factory=dict)
    waited_seconds: float = 0.0
    planted: str = ""


@dataclass(frozen=True)
class RoleReply:
    """A probe's reply about one database role.

    `doors` says for each foreign database how far the role came ("open": it was let in), and nothing where the
    server's access rules refused it. `excess_powers` are what else it could do, of `try_count` ways that were tried.
    """

    doors: Mapping[str, str]
    excess_powers: tuple[str, ...]
    try_count: int


@dataclass(frozen=True)
class ListeningSockets:
    """The IPv4 addresses of a machine beyond its loopback, and the TCP ports on which something there listens."""

    addresses: tuple[str, ...]
    ports: tuple[int, ...]


@dataclass(frozen=True)
class ProbeReply:
    """What a probe saw: of each tenant by instance, per target, greeting, server, login and line what came of it, and
    names.

    `addresses_v6` are the probe's own IPv6 addresses, of which there should be none; `roles` is by database. `machine`
    says what each door of the engine's machine does, by "address:port".
    """

    tenants: Mapping[str, TenantReply]
    sweep: tuple[str, ...]
    names: Mapping[str, str]
    greetings: tuple[str, ...]
    servers: tuple[str, ...]
    logins: tuple[str, ...]
    lines: tuple[str, ...]
    roles: Mapping[str, RoleReply]
    addresses_v6: tuple[str, ...]
    depends: Mapping[str, tuple[str, ...]]
    machine: Mapping[str, str]
    sockets: ListeningSockets


def probe(engine: Engine, place: Place, order: Order, authority: str, gate: Gate | None = None) -> ProbeReply:
    """Run a probe at a place and return its answer; the container is removed whatever happens.

    With a `gate` it stands ready until that opens. Raises `Inconclusive` when it cannot be made, is sent away, does not
    end in time or ends badly.
    """
    files = {"order.json": order.text(), "ca.crt": authority}
    if order.identity:
        files["client.pem"] = order.identity
    container = ProbeContainer(
        partnership=place.partnership,
        what=place.council,
        network=place.network,
        image=place.image,
        user=place.user,
        files=files,
        seconds=order.deadline_seconds,
    )
    return _answer(run(engine, container, gate))


def _answer(output: dict[str, Any]) -> ProbeReply:
    """Return what the probe program printed as values."""
    tenants = {
        instance: TenantReply(
            reply["outcome"],
            reply["seconds"],
            reply.get("detail", ""),
            tuple(reply["modules"]) if "modules" in reply else None,
            reply.get("proofs", {}),
            reply.get("waited", 0.0),
            reply.get("planted", ""),
        )
        for instance, reply in output["tenants"].items()
    }
    sockets = output["listening"]
    return ProbeReply(
        tenants=tenants,
        machine=output["machine"],
        sockets=ListeningSockets(tuple(sockets["addresses"]), tuple(sockets["ports"])),
        sweep=tuple(output["sweep"]),
        names=output["names"],
        greetings=tuple(output["greetings"]),
        servers=tuple(output["servers"]),
        logins=tuple(output["logins"]),
        lines=tuple(output["lines"]),
        roles={
            name: RoleReply(reply["doors"], tuple(reply["wrong"]), reply["tries"])
            for name, reply in output["roles"].items()
        },
        addresses_v6=tuple(output["addresses_v6"]),
        depends={module: tuple(needed_modules) for module, needed_modules in output["depends"].items()},
    )
