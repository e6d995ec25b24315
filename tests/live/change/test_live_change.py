"""A module enabled on a live tenant: nobody else notices, and how long the tenant itself is interrupted is measured."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.live.helpers.calling import Caller, interruption
from tests.live.helpers.running import Place
from tests.waiting import wait_until

pytestmark = pytest.mark.live


def test_a_module_enabled_interrupts_nobody_else(change: Place, tmp_path: Path) -> None:
    """Both councils log in without pause while Durham is given a module: Northumberland sees no failure at all."""
    stood = change.identities()
    file = change.councils / "durham.yaml"
    text = file.read_text()
    file.write_text(
        text.replace("        procurement: {}\n", "        procurement: {}\n        time-management: {}\n").replace(
            "[time-management, ", "["
        )
    )

    with Caller(change, "durham", tmp_path / "d") as durham, Caller(change, "northumberland", tmp_path / "n") as other:
        for caller in (durham, other):
            caller.keep_logging_in(pause=0.2)
        wait_until(lambda: min(len(durham.calls()), len(other.calls())) >= 3)
        begun = time.time()
        up = change.run("up", "--yes")
        ended = time.time()
        enough = len(durham.calls()) + 3
        wait_until(lambda: len(durham.calls()) >= enough)
        own, others = durham.stop(), other.stop()

    assert up.code == 0, up
    during = [call for call in others if begun < call.ended < ended]
    assert len(during) > 3
    assert [call for call in others if call.wrong] == []
    slowest = max(call.ended - call.begun for call in own)
    print(
        f"enabling took {ended - begun:.1f} s; Durham: {len(own)} logins, {sum(bool(c.wrong) for c in own)} failed, "
        f"interrupted for {interruption(own):.1f} s, slowest login {slowest:.1f} s; "
        f"Northumberland: {len(others)} logins, none failed, slowest {max(c.ended - c.begun for c in others):.1f} s"
    )
    assert own[-1].wrong == ""
    now = change.identities()
    changed = {name for name in stood if now[name] != stood[name]}
    assert changed == {"mh-change.durham.morpeth.erp-prepare"}
    verified = change.run("verify", "--council", "durham", "--format", "json")
    assert verified.code == 0, verified
    assert "modules.durham.erp" in {result["id"] for result in verified.json["results"] if result["status"] == "passed"}
