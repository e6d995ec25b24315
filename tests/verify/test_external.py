"""Services outside: those that can be asked are asked, the others are named."""

from __future__ import annotations

import socket
from dataclasses import replace

from tests.verify.plans import plan

from moothall.model.agreed import ExternalUse
from moothall.model.outcome import FAILED, PASSED
from moothall.verify.checks.external import reach, tasks


def test_a_service_with_an_address_is_asked() -> None:
    """Something that listens passes; when it is gone, it fails and says where."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        there = reach(address)
    gone = reach(address)

    assert there.status == PASSED
    assert gone.status == FAILED
    assert address in gone.detail


def test_a_service_without_an_address_is_skipped_by_name() -> None:
    """It is marked external, with who provides it; nobody claims to have looked."""
    use = ExternalUse("durham", "payroll", "Payroll", "payroll-bureau", ("payroll",), None)

    [task] = tasks(replace(plan(), external=(use,)))

    assert task.id == "external.durham.payroll"
    assert task.skip == "external: provided by payroll-bureau, no address to ask"
