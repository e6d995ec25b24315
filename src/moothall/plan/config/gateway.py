"""The HAProxy 2.6 configuration of a gateway: mutual TLS with its relay, users' TLS inside, and what they may ask."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

from moothall.plan.config import access_lines, haproxy

SLOTS = 192
"""Connections that a gateway holds at once, each with the state of TLS twice."""
STRANGERS = 16
"""Connections at once from an address that has not yet shown a gateway its relay's certificate."""
_RING_BYTES = 1 << 20
"""Some thousand lines."""


@dataclass(frozen=True)
class Client:
    """The one client of a gateway: the name of its relay, and what tells that relay's key from one that was exchanged
    (`keys.certificates.thumbprint`)."""

    name: str
    key: str


@dataclass(frozen=True)
class Tenant:
    """What a gateway serves: whose it is, its site, the name of its database, and the host of its application."""

    council: str
    instance: str
    site: str
    database: str
    application: str


@dataclass(frozen=True)
class Store:
    """Where a gateway finds the store of logs, and the store's TLS name."""

    address: str
    port: int
    name: str


_HEADERS = {
    "Strict-Transport-Security": "max-age=31536000",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; object-src blob:; "
        "frame-src 'self' blob:; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
"""What a browser is told beside each answer. Tryton's page has scripts and styles in line, makes functions of the
plural forms of its translations, and shows files from memory; nothing comes from elsewhere, and nobody puts it into a
page of theirs."""


def configuration(source: str, client: Client, tenant: Tenant, store: Store | None = None) -> str:
    """Return a gateway's configuration: only the relay of its own tenant gets in, only its own paths get on.

    `source` is the network, or the other machine, from which relays come. Who has shown the relay's certificate is
    known by address; a stranger gets few connections at once, and nobody long without a handshake. The relay is
    believed about where its users are.

    Health checks come over the same mutual TLS and are told apart by the ALPN name `hc`. They are handed on to the
    application, which knows what its database is: were it asked by the gateway itself, from time to time, a relay would
    hear of a promotion that much later. A waiting gateway's application is ready after a failover only.
    """
    return (
        haproxy.head("75s")
        + (_lines_to(store) if store else "")
        + dedent(f"""\
        frontend link
            bind :{haproxy.LINK_PORT} ssl crt /cfg/link.pem ca-file /cfg/ca.crt verify required alpn hc
            maxconn {SLOTS}
            timeout client {haproxy.HELLO_SECONDS}s
            stick-table type ip size 10k expire 10m store conn_cur,gpc0
            tcp-request connection reject unless {{ src {source} }}
            tcp-request connection track-sc0 src
            tcp-request connection reject if {{ sc0_conn_cur gt {STRANGERS} }} !{{ sc0_get_gpc0 gt 0 }}
            tcp-request session reject unless {{ ssl_c_s_dn(CN) -m str {client.name} }}
            tcp-request session reject unless {{ ssl_c_s_dn(OU) -m str {client.key} }}
            tcp-request session sc-inc-gpc0(0)
            use_backend to_ready if {{ ssl_fc_alpn -m str hc }}
            default_backend to_users
        backend to_ready
            timeout tunnel 75s
            server ready abns@ready
        backend to_users
            timeout tunnel 75s
            server users abns@users
        frontend ready
            mode http
            bind abns@ready
            http-request deny unless {{ path /ready }}
            http-request set-path /{tenant.database}/ready
            default_backend readiness
        frontend users
            mode http
            bind abns@users accept-proxy ssl crt /cfg/user.pem alpn http/1.1
            timeout http-request 10s
            {_below(access_lines.lines(tenant.site, tenant.council, tenant.instance, sent=store is not None))}
            http-request del-header ^(x[-_]forwarded[-_].*|x[-_]haproxy[-_].*|forwarded)$ -m reg
            option forwardfor
            http-request set-header X-Forwarded-Proto https
            acl climbs path_sub ..
            acl climbs path,url_dec -m sub ..
            acl tenant path_beg /{tenant.database}/
            acl static path / /index.html /custom.js /custom.css /favicon.ico
            acl static path_beg /dist/ /images/ /locale/ /node_modules/ /sounds/
            acl common path /rpc/
            http-request deny deny_status 404 if climbs
            http-request deny deny_status 404 unless tenant or static or common
            {_below(_header_lines())}
            default_backend application
        backend readiness
            mode http
            timeout server {haproxy.CHECK_SECONDS}s
            retries 0
            server app {tenant.application}:8000
        backend application
            mode http
            server app {tenant.application}:8000
        """)
    )


def _lines_to(store: Store) -> str:
    """Return the way of lines to the store: they wait in a ring while it is away; the oldest go when it is full."""
    return dedent(f"""\
        ring {access_lines.RING}
            format raw
            maxlen {access_lines.LENGTH}
            size {_RING_BYTES}
            timeout connect 5s
            timeout server 1h
            server store {store.address}:{store.port} ssl crt /cfg/link.pem ca-file /cfg/ca.crt verify required \
verifyhost {store.name}
        """)


def _header_lines() -> list[str]:
    return [f'http-response set-header {name} "{value}"' for name, value in _HEADERS.items()]


def _below(lines: list[str]) -> str:
    """Return lines of a section as they stand in the text of a gateway."""
    return f"\n{' ' * 12}".join(lines)
