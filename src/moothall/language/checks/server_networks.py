"""Free networks for the servers that councils have for themselves, where none are written.

They are proposed for all of them together, so that no two get the same one, and lie behind the instance's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moothall.diagnostics import Diagnostic, Fix
from moothall.language.checks.free_network import next_server_network
from moothall.language.facts.blocks import Block, block
from moothall.language.facts.dedicated import DedicatedServer, dedicated_servers
from moothall.language.rules.network.dedicated_without_network import RULE, missing_sites
from moothall.model.written import Definitions, Folder
from moothall.source import Span

__all__ = ["RULE", "with_fixes"]


def with_fixes(definitions: Definitions, findings: list[Diagnostic]) -> list[Diagnostic]:
    """Return the findings, those of `RULE` among them with networks that nobody has, as far as there are any."""
    proposals = dict(_proposals(definitions))
    return [
        _with_proposal(finding, *proposals[finding.primary.span])
        if finding.rule == RULE and finding.primary.span in proposals
        else finding
        for finding in findings
    ]


def _with_proposal(finding: Diagnostic, text: str, fix: Fix | None) -> Diagnostic:
    return finding._replace(detail=f"Add `{text}`, which nobody has.", fix=fix)


def _proposals(definitions: Definitions) -> Iterator[tuple[Span, tuple[str, Fix | None]]]:
    """Yield, for the place of each finding, the networks as they would be written, and the fix that writes them."""
    taken: list[Block] = []
    for folder in definitions.folders:
        for server in dedicated_servers(folder):
            sites = missing_sites(server)
            networks = {site: _free_network(definitions, folder, server, site, taken) for site in sites}
            if sites and None not in networks.values():
                text = f"networks: {{{', '.join(f'{site}: {network}' for site, network in networks.items())}}}"
                yield server.use.origin.key("dedicated"), (text, _fix(server, text))


def _free_network(
    definitions: Definitions, folder: Folder, server: DedicatedServer, site: str, taken: list[Block]
) -> Block | None:
    """Return a free network at a site, of the size that the instance's own network has; it is taken from now on."""
    if site not in folder.partnership.sites:
        return None
    own_network = block(_networks(server)[site] or server.instance.network)
    network = next_server_network(definitions, folder.partnership.sites[site], own_network, taken)
    taken += [network] if network else []
    return network


def _networks(server: DedicatedServer) -> Mapping[str, str | None]:
    """Return the networks of the instance that the server is of, by site."""
    instance = server.instance
    parts = [part for part in (instance.backup, instance.mirror) if part]
    return {**{part.site: part.network for part in parts}, instance.site: instance.network}


def _fix(server: DedicatedServer, text: str) -> Fix | None:
    """Return the fix that writes networks behind `dedicated: true`, None where some are written already."""
    if server.use.networks:
        return None
    document, route = server.use.origin.document, server.use.origin.route
    use, (key, value) = document.place(route).value, document.place((*route, "dedicated"))
    first = Span(use.path, use.line, use.column, use.line, use.column + 1)
    if document.source_text(first) == "{":
        return Fix(value, f"true, {text}")
    next_line = Span(key.path, value.end_line + 1, 1, value.end_line + 1, 1)
    return Fix(next_line, f"{' ' * (key.column - 1)}{text}\n")
