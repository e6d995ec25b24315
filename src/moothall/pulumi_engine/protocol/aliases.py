"""The URNs that a resource may have had before, from its own aliases and those of its parents.

The rule is Pulumi's (`sdk/python/lib/pulumi/runtime/resource.py`, all_aliases): N own and M inherited aliases give
N + M * (1 + N) URNs, and a child named after its parent is renamed along with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from moothall.pulumi_engine.protocol.urns import make_urn, name_of, type_chain


@dataclass(frozen=True)
class AliasSpec:
    """One alias as written: a full URN, or the parts that differed; `parent` None means the present one."""

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str | None = None


@dataclass(frozen=True)
class Identity:
    """Who a resource is: stack, project, parent URN or empty, type and name."""

    stack: str
    project: str
    parent: str
    type: str
    name: str

    def urn_of(self, spec: AliasSpec) -> str:
        """The URN that an alias stands for."""
        if spec.urn:
            return spec.urn
        parent = self.parent if spec.parent is None else spec.parent
        return make_urn(
            spec.stack or self.stack,
            spec.project or self.project,
            parent,
            spec.type or self.type,
            spec.name or self.name,
        )


def alias_urns(me: Identity, specs: Iterable[AliasSpec], inherited: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """All former URNs; `inherited` gives the former URNs of each registered resource, by its present URN."""
    own = [me.urn_of(spec) for spec in specs]
    urns = list(own)
    parent_name = name_of(me.parent) if me.parent else ""
    for former in inherited.get(me.parent, ()):
        for type_, name in [(me.type, me.name), *(_type_and_name(urn) for urn in own)]:
            follows = name.startswith(parent_name)
            renamed = name_of(former) + name[len(parent_name) :] if follows else name
            urns.append(make_urn(me.stack, me.project, former, type_, renamed))
    return tuple(dict.fromkeys(urns))


def _type_and_name(urn: str) -> tuple[str, str]:
    return type_chain(urn).rpartition("$")[2], name_of(urn)
