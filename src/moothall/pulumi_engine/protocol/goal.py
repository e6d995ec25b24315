"""What a program asks for: one resource as registered, and the engine's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from moothall.pulumi_engine.protocol.values import Value


@dataclass(frozen=True)
class Goal:
    """A resource that the program wants, with its options; `aliases` are the full URNs that it may have had before."""

    urn: str
    type: str
    name: str
    custom: bool
    inputs: Mapping[str, Value] = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, list[str]] = field(default_factory=dict)
    protect: bool = False
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def physical(self) -> str:
        """The wanted name of the Docker object, empty when there is none or it is not known yet."""
        name = self.inputs.get("name", "")
        return name if isinstance(name, str) else ""


@dataclass(frozen=True)
class GoalResult:
    """What the program hears of its resource. An empty `id` is unknown; `failed` also stands for not tried."""

    urn: str
    id: str = ""
    outputs: Mapping[str, Value] = field(default_factory=dict)
    failed: bool = False
