"""Nothing that is planned is overlooked: whatever changes in a planned object is a difference to the review."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.review.conftest import DALES, DAY

from moothall.compilation import compile_all
from moothall.model.planned import Container, Network, Plan, Volume
from moothall.review.differences import differences
from moothall.review.properties import CertificateInputs, of_container, of_network, of_volume
from moothall.validation.validate import validate

ON = date.fromisoformat(DAY)
NOT_OF_THE_OBJECT = {"declared_at", "key", "needs", "data", "renew"}
"""The line behind it, its URN, the order of making, what protects it, and what its uploader says: no property of the
object on the engine."""


def plan() -> Plan:
    """Return the plan of the Dales."""
    [found] = compile_all(validate(Path(DALES), ON).definitions, ON)
    return found


def other(value: Any) -> Any:
    """Return a value of the same type that says something else."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return f"{value}x"
        case None:
            return "something"
        case tuple():
            return (other(value[0]), *value[1:])
        case _ if is_dataclass(value):
            return replace(value, **{fields(value)[0].name: other(getattr(value, fields(value)[0].name))})
        case _:
            return {**value, "something": "else"}


def objects(kind: type) -> list[Any]:
    """Return one object of a kind with everything that such an object can have, for each of its fields."""
    found = plan()
    stacks = [stack for stack in found.stacks if stack.name in ("dales.hill", "dales.ledger.hill", "dales.alston.hill")]
    of_kind = {
        Network: [n for stack in stacks for n in stack.networks if n.key == "desk"],
        Volume: [v for stack in stacks for v in stack.volumes if v.key == "run"],
        Container: [c for stack in stacks for c in stack.containers if c.key in ("postgres", "ledger-relay")],
    }[kind]
    names = [field.name for field in fields(kind) if field.name not in NOT_OF_THE_OBJECT]
    return [(name, next(each for each in of_kind if getattr(each, name) != ())) for name in names]


@pytest.mark.parametrize(("name", "network"), objects(Network), ids=lambda value: str(value)[:20])
def test_a_network(name: str, network: Network) -> None:
    """Every field of a network counts."""
    changed = replace(network, **{name: other(getattr(network, name))})

    assert differences(of_network(network), of_network(changed))


@pytest.mark.parametrize(("name", "volume"), objects(Volume), ids=lambda value: str(value)[:20])
def test_a_volume(name: str, volume: Volume) -> None:
    """Every field of a volume counts."""
    changed = replace(volume, **{name: other(getattr(volume, name))})

    assert differences(of_volume(volume), of_volume(changed))


@pytest.mark.parametrize(("name", "container"), objects(Container), ids=lambda value: str(value)[:20])
def test_a_container(name: str, container: Container) -> None:
    """Every field of a container counts."""
    inputs = CertificateInputs(plan(), ON)
    value = "job" if name == "kind" else other(getattr(container, name))
    changed = replace(container, **{name: value})

    assert differences(of_container(container, inputs), of_container(changed, inputs))


def test_certificates_follow_what_they_are_made_from() -> None:
    """A leaf, the authority, and the year in which it is renewed."""
    found = plan()
    text = f"<<authority>>\n<<certificate:{found.certificates[0].name}>>"
    leaf = replace(found.certificates[0], dns_names=("elsewhere",))
    others = [
        CertificateInputs(replace(found, agreed=date(2001, 1, 1)), ON),
        CertificateInputs(replace(found, certificates=(leaf, *found.certificates[1:])), ON),
        CertificateInputs(found, date(ON.year + 1, 1, 1)),
    ]

    expanded_text = CertificateInputs(found, ON).expand_markers(text)
    assert expanded_text == CertificateInputs(found, date(ON.year, 12, 31)).expand_markers(text)
    assert all(expanded_text != inputs.expand_markers(text) for inputs in others)
