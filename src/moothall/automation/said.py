"""What the CLI wrote, in one line."""

from __future__ import annotations


def last_said(text: str) -> str:
    """The last error in what the CLI wrote, else its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = [line for line in lines if line.startswith("error:")] or lines or [""]
    return said[-1].removeprefix("error:").strip().rstrip(".")
