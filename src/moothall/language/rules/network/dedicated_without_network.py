"""dedicated-without-network: a council's own server without a network at a site where a part of it stands.

One network is one Docker network, and none of them follows from another: all are written. `checks.server_networks`
adds free ones, where there are.
"""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.dedicated import DedicatedServer, dedicated_servers, server_sites
from moothall.model.written import Definitions

RULE = "dedicated-without-network"
SCOPE = Scope.COUNCIL


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every server of a council's own that lacks a network at one of its sites, or at several."""
    for folder in definitions.folders:
        for server in dedicated_servers(folder):
            if sites := missing_sites(server):
                summary = f"{server.whose} has no network at {' and at '.join(sites)}"
                detail = f"Add the key networks, with a free network of {' and of '.join(sites)}."
                related = Label(server.instance.origin.key(), "the instance")
                yield error(RULE, summary, detail, server.use.origin.key("dedicated"), related)


def missing_sites(server: DedicatedServer) -> list[str]:
    """Return the sites at which a server has no network, though a part of it stands there."""
    return [site for site in server_sites(server.instance) if site not in server.use.networks]
