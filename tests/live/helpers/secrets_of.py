"""Every secret of a place, derived as the command line derives them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from tests.live.helpers.running import Place

from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.planning import chosen_plan
from moothall.operations.secrets import open_vault
from moothall.ports import Silent, Vault


def secrets_of(place: Place, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Return passwords, the repositories' ciphers and the inside of every private key, by label."""
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    context = Context(place.root, place.state, date.today(), Silent())
    plan = chosen_plan(context)
    vault = open_vault(context, plan)
    found = dict(_passwords(plan, vault))
    for leaf in plan.certificates:
        found[f"key of {leaf.name}"] = vault.key(leaf).splitlines()[1].encode()
    return found


def _passwords(plan: Plan, vault: Vault) -> Iterator[tuple[str, bytes]]:
    for stack in plan.stacks:
        for container in stack.containers:
            for file in container.files:
                for part in file.text.split("<<secret:")[1:]:
                    label = part.split(">>")[0]
                    yield label, vault.secret(label).encode()
