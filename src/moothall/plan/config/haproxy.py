"""HAProxy 2.6 configurations of relays and transit relays, and what all proxies have in common.

Server names are resolved at run time only (`init-addr none`): a start never waits for a neighbour, and a
recreated neighbour with a new address is found again within two seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from textwrap import dedent

USER_PORT = 443
LOCAL_ACCESS_PORT = 8443
LINK_PORT = 8443
ALIVE_PORT = 8404
SLOTS = 256
"""Connections that a door of a proxy holds at once; the proxy itself has room for more, so that its health is heard."""
SHARE = 192
"""Connections at once from one address where nothing tells a stranger: a quarter of the slots is left for others."""
OUTGOING = 12
"""The same where a server, on the network that it has in common with applications, goes out to another site: at the end
of that way all of them are one address, and what listens there takes more than an application is given
(images/postgres: twenty unfinished logins, and lib/backup-door.cfg)."""
HELLO_SECONDS = 3
"""How long a client may take to say what it wants, or to shake hands."""
SOCKET = "/tmp/proxy.sock"  # the container's own memory
"""Where a proxy takes new certificates; nobody but itself is in its container."""


@dataclass(frozen=True)
class Server:
    """A server of a backend: its name in the file, the host name to dial, and its port."""

    name: str
    host: str
    port: int


@dataclass(frozen=True)
class GatewayHop:
    """A way from a relay to one gateway: alias or address of the next hop, its port, and the gateway's TLS name."""

    name: str
    host: str
    port: int
    tls_name: str


@dataclass(frozen=True)
class TransitRoute:
    """What a transit relay forwards: a gateway's TLS name, and alias or address and port of the next hop towards it."""

    name: str
    tls_name: str
    host: str
    port: int


@dataclass(frozen=True)
class Forward:
    """A plain layer-4 forward: listen on `port` for source networks, dial the server of each.

    `share` is how many connections one address has at once.
    """

    name: str
    port: int
    routes: tuple[tuple[str, Server], ...]
    share: int = SHARE


_ROOM = 4 * SLOTS
"""Connections of a proxy in all: a way may lead through three doors of its own."""


# A check costs CPU: it says what the server is taken for, and who is asked holds the answer back for as long as that is
# right, eight seconds at most. So what changes is heard of at once, and what does not is asked for seldom.
_CHECK_OPTIONS = "inter 1s fastinter 300ms rise 1 fall 3"
CHECK_SECONDS = 10
# Without reuse: a session begun with the former certificate, and handed back after the exchange, would carry the former
# key on from ticket to ticket, and a gateway that asks for the new one would refuse its relay for ever.
_TLS = "ssl crt /cfg/client.pem ca-file /cfg/ca.crt verify required no-ssl-reuse"
_GATEWAYS = f"""\
backend gateways
    option httpchk GET /ready
    http-check send-state
    http-check expect status 200
    timeout check {CHECK_SECONDS}s
    default-server {_TLS} check check-alpn hc on-marked-down shutdown-sessions
"""
_ADDRESSED = """\
backend addressed
    server next abns@addressed send-proxy-v2
frontend addressed
    bind abns@addressed
    default_backend gateways
"""


@cache
def head(idle: str, last_orders: str = "2s") -> str:
    """Return what all have: `idle` is how long a connection may say nothing, `last_orders` how long one goes on while
    the proxy stops."""
    return dedent(f"""\
        global
            log stdout format raw local0 notice
            stats socket {SOCKET} mode 600 level admin
            maxconn {_ROOM}
            nbthread 1
            hard-stop-after {last_orders}
            tune.ssl.cachesize 1000
            ssl-default-bind-options ssl-min-ver TLSv1.3
            ssl-default-server-options ssl-min-ver TLSv1.3
        resolvers docker
            nameserver dns 127.0.0.11:53
            resolve_retries 2
            timeout resolve 1s
            timeout retry 500ms
            hold valid 2s
            hold nx 0s
            hold other 1s
            hold refused 1s
            hold timeout 1s
            hold obsolete 0s
        defaults
            log global
            mode tcp
            timeout connect 2s
            timeout client {idle}
            timeout server {idle}
            default-server init-addr none resolvers docker resolve-prefer ipv4
        frontend alive
            mode http
            bind 127.0.0.1:{ALIVE_PORT}
            timeout client 3s
            monitor-uri /alive
        """)


def relay(council_network: str, local_access_gateway: str | None, hops: Sequence[GatewayHop], client_key: str) -> str:
    """Return a relay's configuration: from the council's own network to the gateway that serves, by mutual TLS.

    `hops` is the primary gateway, then the waiting one. A waiting one that is ready comes first: its server has been
    promoted, and a primary that still serves, or again, has been replaced and does not know it. Users' own TLS passes
    through untouched. Local access is for the engine's machine only, whose connections come from
    `local_access_gateway`.

    Before what a user says goes the user's address, in the form of the PROXY protocol. HAProxy writes that outside of
    a server's TLS, so a door of the proxy's own takes it in: behind that it is part of what is said.

    `client_key` tells the relay's key from one that was exchanged. It is in the file so that the relay is recreated
    with each key, and with each authority that is added: HAProxy 2.6 is told only once in its life that it is to trust
    others (images/haproxy/bin/renew-certificates).
    """
    lines = [f"# {client_key}\n", head("10m"), _relay_door("users", USER_PORT, council_network)]
    if local_access_gateway:  # under an older word of the language: another would recreate every relay that stands
        lines.append(_relay_door("desk", LOCAL_ACCESS_PORT, local_access_gateway))
    primary_hop, *waiting_hops = hops
    lines.append(_ADDRESSED)
    lines += [_path_to_gateway(hop) for hop in waiting_hops]
    lines.append(_GATEWAYS)
    # The first is asked first: until then HAProxy takes every server for ready.
    waiting_options = f"{_CHECK_OPTIONS} on-marked-up shutdown-backup-sessions"
    lines += [_relay_server(hop, _inner_address(hop), waiting_options) for hop in waiting_hops]
    lines.append(
        _relay_server(
            primary_hop,
            f"{primary_hop.host}:{primary_hop.port}",
            f"{_CHECK_OPTIONS} backup" if waiting_hops else _CHECK_OPTIONS,
        )
    )
    return "".join(lines)


def _inner_address(hop: GatewayHop) -> str:
    return f"abns@{hop.name}"


def _path_to_gateway(hop: GatewayHop) -> str:
    """Return a way of the proxy's own to a gateway. HAProxy takes a server whose name resolves anew for ready until it
    is asked: a waiting gateway that came back would cut off the users of the one that serves. Here no name resolves.
    """
    return dedent(f"""\
        frontend to_{hop.name}
            bind {_inner_address(hop)}
            default_backend to_{hop.name}
        backend to_{hop.name}
            server next {hop.host}:{hop.port}
        """)


def _relay_door(name: str, port: int, source: str) -> str:
    return dedent(f"""\
        frontend {name}
            bind :{port}
            maxconn {SLOTS}
            tcp-request connection reject unless {{ src {source} }}
            tcp-request inspect-delay {HELLO_SECONDS}s
            tcp-request content accept if {{ req.ssl_hello_type 1 }}
            tcp-request content reject
            default_backend addressed
        """)


def _share(slots: int) -> str:
    """Return the lines that hold an address to a number of connections at once."""
    return (
        "    stick-table type ip size 10k expire 10m store conn_cur\n"
        "    tcp-request connection track-sc0 src\n"
        f"    tcp-request connection reject if {{ sc0_conn_cur gt {slots} }}\n"
    )


def _relay_server(hop: GatewayHop, address: str, role: str) -> str:
    tls = f"sni str({hop.tls_name}) check-sni {hop.tls_name} verifyhost {hop.tls_name}"
    return f"    server {hop.name} {address} {tls} {role}\n"


def transit(sources: Sequence[str], routes: Sequence[TransitRoute]) -> str:
    """Return a transit relay's configuration: it holds no key; the TLS name chooses the way, all else is refused."""
    names = " ".join(route.tls_name for route in routes)
    text = head("10m") + dedent(f"""\
        frontend in
            bind :{LINK_PORT}
            maxconn {SLOTS}
            tcp-request connection reject unless {{ src {" ".join(sources)} }}
        """)
    text += _share(SHARE) + dedent(f"""\
            tcp-request inspect-delay {HELLO_SECONDS}s
            tcp-request content accept if {{ req.ssl_sni -m str {names} }}
            tcp-request content reject
        """).replace("tcp-request", "    tcp-request")
    text += "".join(f"    use_backend {route.name} if {{ req.ssl_sni -m str {route.tls_name} }}\n" for route in routes)
    return text + "".join(f"backend {r.name}\n    server next {r.host}:{r.port}\n" for r in routes)


def forwards(entries: Sequence[Forward]) -> str:
    """Return the configuration of a database relay or transit: ports forwarded, each for named source networks.

    PostgreSQL's and pgBackRest's own mutual TLS runs inside from end to end. Their connections last for days: a proxy
    that stops waits for none of them.
    """
    return head("1h", last_orders="100ms") + "".join(map(_forward, entries))


def _forward(entry: Forward) -> str:
    sources = " ".join(source for source, _ in entry.routes)
    lines = [
        f"frontend {entry.name}",
        f"    bind :{entry.port}",
        f"    maxconn {SLOTS}",
        f"    tcp-request connection reject unless {{ src {sources} }}",
        _share(entry.share).rstrip("\n"),
    ]
    lines += [f"    use_backend {entry.name}_{server.name} if {{ src {source} }}" for source, server in entry.routes]
    for _, server in entry.routes:
        lines += [f"backend {entry.name}_{server.name}", f"    server next {server.host}:{server.port}"]
    return "\n".join(lines) + "\n"
