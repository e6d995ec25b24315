"""What is wrong with the mapping of sites to engines, beyond its shape: places that are not there, ways that are open.

Plain tcp is root access for whoever reaches the port, and a certificate that nobody checks proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, ip_network
from pathlib import Path

from moothall.diagnostics import Diagnostic, Hint, Label
from moothall.language.checks.endpoints import problem
from moothall.language.checks.finding import error, unknown
from moothall.language.facts.networks import networks
from moothall.model.engines import Engine, Engines
from moothall.model.written import Definitions
from moothall.source import Document, Origin, Span

SITE = "engine-site"
ENDPOINT = "engine-endpoint"
LINK = "engine-link"
PORT = "engine-port"
RULES = (SITE, ENDPOINT, LINK, PORT)

FILES = ("ca.pem", "cert.pem", "key.pem")
"""What a folder of certificates holds, by the names that Docker's own tools look for."""


def findings(document: Document, engines: Engines, definitions: Definitions | None) -> Iterator[Diagnostic]:
    """Yield everything that is wrong with a mapping whose shape is right; without definitions, with it alone."""
    yield from _endpoints(document, engines)
    if definitions is not None:
        yield from _definition_findings(document, engines, definitions)


def _definition_findings(document: Document, engines: Engines, definitions: Definitions) -> Iterator[Diagnostic]:
    links = _links(definitions)
    yield from _sites(document, engines, _known_sites(definitions).union(*links.values()))
    for engine in engines.named_engines:
        yield from _ends(document, engines, engine, links)
        yield from _addresses(document, engine, definitions)
    yield from _missing_ends(document, engines, links)
    yield from _ambiguous_links(document, engines, links)


def port_clashes(
    document: Document, engines: Engines, listeners: Iterable[tuple[str, int, str]]
) -> Iterator[Diagnostic]:
    """Yield a finding for each two of `listeners` (address, port, receiver) that would have one door between them."""
    receivers: dict[tuple[str, int], str] = {}
    for address, port, receiver in sorted(listeners):
        other = receivers.setdefault((address, port), receiver)
        if other != receiver:
            detail = f"Give one of them another: ports: {{{receiver}: {port + 1}}}."
            summary = f"{other} and {receiver} have port {port} of {address}"
            yield error(PORT, summary, detail, _address_span(document, engines, address))


def _address_span(document: Document, engines: Engines, address: str) -> Span:
    """Return where an address of a machine is written."""
    ends = ((engine, link) for engine in engines.named_engines for link, own in engine.links.items() if own == address)
    engine, link = next(ends)
    return _origin(document, engine).value("links", link)


def _origin(document: Document, engine: Engine) -> Origin:
    return Origin(document, ("spec", "engines", engine.name))


def _known_sites(definitions: Definitions) -> frozenset[str]:
    return frozenset(site for folder in definitions.folders for site in folder.partnership.sites)


def _links(definitions: Definitions) -> Mapping[str, tuple[str, str]]:
    """Return the two sites of every link, by its name."""
    links = (link for folder in definitions.folders for link in folder.partnership.links)
    return {link.name: (min(link.between), max(link.between)) for link in links}


def _sites(document: Document, engines: Engines, known_sites: frozenset[str]) -> Iterator[Diagnostic]:
    first: dict[str, Label] = {}
    for engine in engines.named_engines:
        for number, site in enumerate(engine.sites):
            span = _origin(document, engine).value("sites", number)
            if site not in known_sites:
                yield unknown(SITE, f'there is no site "{site}"', Hint(site, known_sites, otherwise="Remove it."), span)
            elif site in first:
                summary = f'"{site}" is served by two engines'
                yield error(SITE, summary, "Remove it from one of them.", span, first[site])
            first.setdefault(site, Label(span, "served here"))


def _endpoints(document: Document, engines: Engines) -> Iterator[Diagnostic]:
    first: dict[str, Label] = {}
    for engine in engines.named_engines:
        origin = _origin(document, engine)
        span = origin.value("endpoint")
        if wrong := problem(engine.endpoint.host):
            yield error(ENDPOINT, wrong.summary, wrong.detail, span)._replace(private=wrong.private)
        if engine.endpoint.host in first:
            detail = "One engine has one entry, which names all sites that it serves."
            yield error(ENDPOINT, "this endpoint stands here twice", detail, span, first[engine.endpoint.host])
        first.setdefault(engine.endpoint.host, Label(span, "first named here"))
        yield from _protection(origin, engine)


def _protection(origin: Origin, engine: Engine) -> Iterator[Diagnostic]:
    tcp, folder = engine.endpoint.host.startswith("tcp://"), engine.endpoint.certificates
    if tcp and not folder:
        detail = "Add `certificates`, the folder with ca.pem, cert.pem and key.pem; or use ssh://."
        yield error(ENDPOINT, "plain tcp gives root to whoever reaches the port", detail, origin.value("endpoint"))
    if folder and not tcp:
        detail = "Remove it: unix:// needs none, and ssh:// has keys of its own."
        yield error(ENDPOINT, "certificates are for tcp:// only", detail, origin.value("certificates"))
    missing = [name for name in FILES if folder and not Path(folder, name).is_file()]
    if tcp and missing:
        detail = "Both sides have to prove who they are: put the file there."
        yield error(ENDPOINT, f"{folder} has no {', '.join(missing)}", detail, origin.value("certificates"))


def _ends(
    document: Document, engines: Engines, engine: Engine, links: Mapping[str, tuple[str, str]]
) -> Iterator[Diagnostic]:
    """Yield links named here that are none, or that do not end at this engine."""
    for name in engine.links:
        span = _origin(document, engine).key("links", name)
        if name not in links:
            hint = Hint(name, frozenset(links), otherwise="Remove it.")
            yield unknown(LINK, f'there is no link "{name}"', hint, span)
        elif _inside(engines, links[name]) or not set(links[name]) & set(engine.sites):
            sites = " and ".join(links[name])
            yield error(LINK, f'"{name}" does not leave this engine', f"It joins {sites}. Remove it.", span)


def _addresses(document: Document, engine: Engine, definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield addresses that cannot be those of a machine on a link."""
    for name, text in engine.links.items():
        address, origin = IPv4Address(text), _origin(document, engine)
        span = origin.value("links", name)
        if address.is_loopback or address.is_unspecified or address.is_multicast:
            detail = "Name the one address that the other engine's machine dials; not all addresses at once."
            yield error(LINK, f"{text} is no address of a machine on a link", detail, span)
        for network in networks(definitions):
            if address in ip_network(network.text, strict=False):
                detail = "Containers have those addresses; the machine needs one outside of them."
                summary = f"{text} lies in {network.what}"
                yield error(LINK, summary, detail, span, Label(network.span, "declared here"))


def _missing_ends(document: Document, engines: Engines, links: Mapping[str, tuple[str, str]]) -> Iterator[Diagnostic]:
    """Yield links between two engines of which an end has no address."""
    for name, sites in sorted(links.items()):
        if _inside(engines, sites) or not any(engines.engine_of(site) for site in sites):
            continue
        for site in sites:
            engine = engines.engine_of(site)
            if engine is None:
                detail = f"Name the engine of {site} too, and its machine's address under `links`."
                yield error(LINK, f"{name} leaves the local engine", detail, Origin(document).value("spec", "engines"))
            elif name not in engine.links:
                detail = f"Add it: links: {{{name}: ADDRESS}}, the address of {site}'s machine on that link."
                yield error(LINK, f"{name} has no address here", detail, _origin(document, engine).key())


def _ambiguous_links(
    document: Document, engines: Engines, links: Mapping[str, tuple[str, str]]
) -> Iterator[Diagnostic]:
    """Yield links of one site from whose other ends connections come by one address: what is on the way must know."""
    first: dict[tuple[str, str], str] = {}
    for name, sites in sorted(links.items()):
        for site, other in (sites, sites[::-1]):
            engine = None if _inside(engines, sites) else engines.engine_of(other)
            address = engine.links.get(name) if engine else None
            if engine and address and (first_name := first.setdefault((site, address), name)) != name:
                summary = f"{first_name} and {name} have the same address at their other end"
                detail = f"{site} tells its links apart by where connections come from: give each link its own."
                yield error(LINK, summary, detail, _origin(document, engine).value("links", name))


def _inside(engines: Engines, sites: tuple[str, str]) -> bool:
    return engines.endpoint_of(sites[0]) == engines.endpoint_of(sites[1])
