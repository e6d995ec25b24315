"""Waiting until people can log in: nobody waits for those who cannot be reached from their own side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.verify.plans import plan

from moothall.failures import Inconclusive
from moothall.model.engines import Endpoint, Engines
from moothall.model.outcome import COULD_NOT_RUN, SKIPPED
from moothall.verify import Gate, ready

PLAN = plan()
FIRST, SECOND = (tenant.council for tenant in PLAN.tenants[:2])


class Engine:
    """An engine that lists the containers of the plan, some of them not running; None: it does not answer."""

    status: Mapping[str, str] | None

    def __init__(self, endpoint: Endpoint, seconds: float = 0) -> None:
        """Take what nobody needs here."""

    def containers(self) -> list[dict[str, Any]]:
        """Return the summary of each."""
        if self.status is None:
            raise Inconclusive("the engine does not answer")
        names = [container.name for stack in PLAN.stacks for container in stack.containers]
        names = [name for name in names if self.status.get(name) != "missing"]
        return [{"Names": [f"/{name}"], "State": self.status.get(name, "running")} for name in names]


class Vault:
    """A vault that gives out nothing worth keeping."""

    def secret(self, label: str) -> str:
        """Return no secret."""
        return label

    def people_authority(self) -> str:
        """Return no certificate."""
        return ""


def asked(monkeypatch: pytest.MonkeyPatch, status: Mapping[str, str] | None, gate: Gate | None = None) -> Any:
    """Wait for both tenants; return the councils whose probe was sent, and the results by council."""
    sent: list[str] = []

    def probe(engine: object, place: Any, *rest: Any) -> None:
        sent.append(place.council)
        raise Inconclusive("no probe here")

    monkeypatch.setattr(Engine, "status", status, raising=False)
    monkeypatch.setattr("moothall.docker_engine.pool.Engine", Engine)
    monkeypatch.setattr(ready, "probe", probe)
    monkeypatch.setattr(ready, "remove_stale", lambda engine, partnership: None)
    found = ready.wait_ready(PLAN, Vault(), Engines(Endpoint("unix:///x")), PLAN.tenants, gate=gate)  # type: ignore[arg-type]
    assert [result.id.split(".")[1] for result in found] == [tenant.council for tenant in PLAN.tenants]
    return sorted(sent), {result.id.split(".")[1]: result for result in found}


@pytest.mark.parametrize("status", ["exited", "created", "paused", "missing"])
def test_a_council_whose_relay_does_not_run_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    """It is said at once, with what will be when it runs again; a gate does not wait for it either."""
    gate = Gate(len(PLAN.tenants))
    gate.open()
    sent, results = asked(monkeypatch, {PLAN.tenants[0].relay: status}, gate)
    assert FIRST not in sent
    assert SECOND in sent
    assert (results[FIRST].status, results[SECOND].status) == (SKIPPED, COULD_NOT_RUN)
    assert f"is {status}: nobody is reached from there. When it runs again" in results[FIRST].detail
    assert results[FIRST].hint == "moothall up --yes"
    gate.wait_for_all(0)
    assert gate._missing_count == 0


@pytest.mark.parametrize("status", [None, {PLAN.tenants[0].relay: "restarting"}])
def test_who_may_be_reached_is_asked(monkeypatch: pytest.MonkeyPatch, status: Mapping[str, str] | None) -> None:
    """An engine that does not answer says so by itself, and a relay that is about to run again will be there."""
    sent, _ = asked(monkeypatch, status)
    assert sent == sorted(tenant.council for tenant in PLAN.tenants)
