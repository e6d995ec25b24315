"""What a machine listens on, read from its own tables; and how what was reached of it is judged."""

from __future__ import annotations

from pathlib import Path

from moothall.payloads.probe.tcp_probe import listening

FIB = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.30.8.0
        /24 link UNICAST
     |-- 10.30.8.1
        /32 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 172.31.77.1
        /32 host LOCAL
     |-- 172.31.77.255
        /32 link BROADCAST
Local:
     |-- 10.30.8.1
        /32 host LOCAL
"""
HEAD = "  sl  local_address rem_address   st tx_queue\n"
TCP = HEAD + "".join(
    f"   {number}: {address} 00000000:0000 {state} 00000000:00000000\n"
    for number, (address, state) in enumerate(
        [("00000000:0016", "0A"), ("0100007F:1F90", "0A"), ("01081E0A:01BB", "0A"), ("01081E0A:1538", "01")]
    )
)
TCP6 = HEAD + "".join(
    f"   {number}: {address}  00000000000000000000000000000000:0000 0A\n"
    for number, address in enumerate(
        [
            "00000000000000000000000000000000:0050",
            "00000000000000000000000001000000:0277",
            "0000000000000000FFFF00000100007F:0278",
        ]
    )
)


def test_what_listens_beyond_loopback_is_a_door(tmp_path: Path) -> None:
    """Every address but loopback's; every port that listens on another, connections left out."""
    (tmp_path / "fib_trie").write_text(FIB)
    (tmp_path / "tcp").write_text(TCP)
    (tmp_path / "tcp6").write_text(TCP6)

    assert listening(tmp_path) == {"addresses": ["10.30.8.1", "172.31.77.1"], "ports": [22, 80, 443]}


def test_a_machine_without_ipv6_is_read_too(tmp_path: Path) -> None:
    """It has no such table."""
    (tmp_path / "fib_trie").write_text(FIB)
    (tmp_path / "tcp").write_text(HEAD)

    assert listening(tmp_path)["ports"] == []
