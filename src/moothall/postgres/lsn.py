"""Positions in PostgreSQL's write-ahead log."""

from __future__ import annotations


def parse_lsn(text: str) -> int:
    """Return a position in the log (PostgreSQL's pg_lsn, two hexadecimal halves) in bytes."""
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)
