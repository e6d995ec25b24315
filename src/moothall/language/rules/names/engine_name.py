"""engine-name: names that are fine here and refused further on, by Docker, Pulumi, PostgreSQL, DNS or X.509."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from moothall.diagnostics import Diagnostic
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.language.facts.dedicated import DedicatedServer, dedicated_servers
from moothall.model import roles
from moothall.model.written import Council, Definitions, Folder, Instance
from moothall.source import Span

RULE = "engine-name"
SCOPE = Scope.COUNCIL

_LONGEST_STACK = 100  # https://www.pulumi.com/docs/iac/concepts/stacks/
_LONGEST_OBJECT = 128
_LONGEST_HOST = 253  # RFC 1035, section 2.3.4, without the dot at the end
_LONGEST_COMMON_NAME = 64  # RFC 5280, appendix A.1, ub-common-name
_LONGEST_LABEL = 63  # RFC 1035, section 2.3.4
_IDNA = "xn--"  # RFC 5890, section 2.3.2.1
_LONGEST_ROLE = "-gateway-standby"

# Databases that every PostgreSQL cluster has, and words that mean something in pg_hba.conf or SQL:
# https://www.postgresql.org/docs/15/auth-pg-hba-conf.html and sql-createrole.html
_DATABASES = ("postgres", "template0", "template1")
_ACCESS = ("all", "replication", "sameuser", "samerole", "samegroup")
_ROLES = ("public", "none", "user", "current_user", "current_role", "session_user")
_TAKEN = frozenset((*_DATABASES, *_ACCESS, *_ROLES, *roles.OWN, *roles.FORMER))


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every name that is taken, and every made-up name that would be too long."""
    for folder in definitions.folders:
        rooms = {name: _room(folder, instance) for name, instance in folder.partnership.instances.items()}
        for council in folder.councils:
            yield from _reserved_name_findings(council)
            for use in council.uses.values():
                room = rooms.get(use.instance)
                if room is not None and len(council.metadata.name) > room:
                    instance = folder.partnership.instances[use.instance]
                    names = _tenant_names(folder, council.metadata.name, council.site, instance)
                    yield from _length_findings(names, use.origin.key())
        for server in dedicated_servers(folder):
            yield from _server_findings(folder, server)
        for link in folder.partnership.links:
            yield from _length_findings([("the name of this link", link.name, _LONGEST_LABEL)], link.origin.value())
    for folder, instance in symbols.all_instances(definitions):
        yield from _length_findings(_instance_names(folder, instance, instance.name), instance.origin.key())


def is_taken(council: str) -> bool:
    """Say whether a council's name cannot be that of its database and role, because there is one in every cluster."""
    name = council.replace("-", "_")
    return name in _TAKEN or name.startswith("pg_")


def _reserved_name_findings(council: Council) -> Iterator[Diagnostic]:
    if is_taken(council.metadata.name):
        name = council.metadata.name.replace("-", "_")
        summary = f'PostgreSQL keeps the name "{name}" for itself'
        detail = "A council's name is that of its database and role: choose a longer name."
        yield error(RULE, summary, detail, council.origin.value("metadata", "name"))


def _server_findings(folder: Folder, server: DedicatedServer) -> Iterator[Diagnostic]:
    """Yield what is wrong with the name of a council's own server."""
    span = server.use.origin.key("dedicated")
    if server.name.startswith(_IDNA):
        detail = f"{server.name} would be the name of a host, and be read as another one: rename the instance."
        yield error(RULE, f'DNS keeps names that begin with "{_IDNA}" for itself', detail, span)
    yield from _length_findings(_instance_names(folder, server.instance, server.name), span)


def _length_findings(names: Iterable[tuple[str, str, int]], span: Span) -> Iterator[Diagnostic]:
    """Yield a finding for the first of the names (what it is, the name, the most characters) that is too long."""
    for what, name, most in names:
        if len(name) > most:
            detail = f"{name} has {len(name)} characters of at most {most}: shorten a name that it is made of."
            yield error(RULE, f"{what} would be too long", detail, span)
            return


def _room(folder: Folder, instance: Instance) -> int:
    """Return with how many characters a council's name cannot make any name of its tenant too long."""
    site = max(folder.partnership.sites, key=len)
    return min(most - len(name) for _, name, most in _tenant_names(folder, "", site, instance))


def _tenant_names(folder: Folder, member: str, site: str, instance: Instance) -> Iterator[tuple[str, str, int]]:
    partnership = folder.partnership
    host = f"{member}.{instance.name}.{partnership.domain}"
    yield "the host name of this tenant", host, min(_LONGEST_HOST, _LONGEST_COMMON_NAME)
    certificate = f"gateway.{member}.{instance.name}.{max(_servers(instance), key=len)}"
    yield "the name of a certificate of this tenant", certificate, _LONGEST_COMMON_NAME
    stack = f"{partnership.metadata.name}.{member}.{max([site, *_servers(instance), *_transits(folder)], key=len)}"
    yield "the name of a stack of this tenant", stack, _LONGEST_STACK
    yield "the name of a container of this tenant", f"{stack}.{instance.name}{_LONGEST_ROLE}", _LONGEST_OBJECT


def _instance_names(folder: Folder, instance: Instance, name: str) -> Iterator[tuple[str, str, int]]:
    """Yield the names made of `name`, which is the instance's own or that of a council's own server in it."""
    what = "instance" if name == instance.name else "server"
    hosts = [f"agent-{site}" for site in _servers(instance)] + (["repository"] if instance.backup else [])
    yield f"the name of a certificate of this {what}", f"{max(hosts, key=len)}.{name}", _LONGEST_COMMON_NAME
    sites = [*_servers(instance), *([instance.backup.site] if instance.backup else []), *_transits(folder)]
    stack = f"{folder.partnership.metadata.name}.{name}.{max(sites, key=len)}"
    yield f"the name of a stack of this {what}", stack, _LONGEST_STACK


def _transits(folder: Folder) -> list[str]:
    """Return the sites that others' connections may pass."""
    return [site.name for site in folder.partnership.sites.values() if site.transit]


def _servers(instance: Instance) -> list[str]:
    """Return the sites where the instance has a database server."""
    return [instance.site, *([instance.mirror.site] if instance.mirror else [])]
