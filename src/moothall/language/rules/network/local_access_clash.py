"""local-access-clash: two councils would be reached from the engine's machine at one loopback address.

That address is 127 followed by the last three parts of the council's network, so that 10.1.2.0/24 and 172.1.2.0/24
would both be 127.1.2.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.language.facts.blocks import block
from moothall.model.written import Council, Definitions

RULE = "local-access-clash"
SCOPE = Scope.EVERYWHERE


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every council whose network differs from another's in its first part only."""
    first: dict[int, Council] = {}
    for _, council in symbols.all_councils(definitions):
        addresses = block(council.network)
        other = first.setdefault(addresses.first & 0xFFFFFF, council)
        if other is not council and not addresses.overlaps(block(other.network)):
            pair = (other, council)
            older, newer = sorted(pair, key=lambda each: definitions.age_rank(each.origin.document.path))
            summary = f"local access to {newer.metadata.name} would be at the loopback address of {older.metadata.name}"
            detail = "The two networks differ in their first part only: choose one that differs in another."
            related = Label(older.origin.value("spec", "network"), f"the network of {older.metadata.name}")
            yield error(RULE, summary, detail, newer.origin.value("spec", "network"), related)
