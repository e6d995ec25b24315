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


def alias_urns(
    identity: Identity, specs: Iterable[AliasSpec], inherited: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """All former URNs; `inherited` gives the former URNs of each registered resource, by its present URN."""
    own = [identity.urn_of(spec) for spec in specs]
    urns = list(own)
    parent_name = name_of(identity.parent) if identity.parent else ""
    for former_urn in inherited.get(identity.parent, ()):
        for type_, name in [(identity.type, identity.name), *(_type_and_name(urn) for urn in own)]:
            follows_parent = name.startswith(parent_name)
            new_name = name_of(former_urn) + name[len(parent_name) :] if follows_parent else name
            urns.append(make_urn(identity.stack, identity.project, former_urn, type_, new_name))
    return tuple(dict.fromkeys(urns))


def _type_and_name(urn: str) -> tuple[str, str]:
    return type_chain(urn).rpartition("$")[2], name_of(urn)
