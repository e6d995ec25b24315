"""Pulumi's resource names: `urn:pulumi:<stack>::<project>::<parent types$type>::<name>`."""

from __future__ import annotations

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_TYPE = "pulumi:providers:docker"


def make_urn(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The URN of a resource; `parent` is the parent's URN or empty. The stack resource leaves no trace in a child."""
    types = type_chain(parent) if parent else ""
    chain = type_ if types in ("", STACK_TYPE) else f"{types}${type_}"
    return f"urn:pulumi:{stack}::{project}::{chain}::{name}"


def type_chain(urn: str) -> str:
    """The types of a URN from the outermost parent to the resource, joined by `$`."""
    return urn.split("::", 3)[2]


def name_of(urn: str) -> str:
    """The logical name in a URN."""
    return urn.split("::", 3)[3]


def stack_of(urn: str) -> str:
    """The stack name in a URN."""
    return urn.split("::", 1)[0].removeprefix("urn:pulumi:")


def provider_urn(reference: str) -> str:
    """The URN in a provider reference, which is `<urn>::<id>`."""
    return reference.rpartition("::")[0]
