"""The address of a backend on the command line, as Pulumi names it: `s3://bucket`, `postgres://host/database`."""

from __future__ import annotations

import argparse
import re

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[!-~]+")


def address(text: str) -> str:
    """Return the address that a word says; raises ArgumentTypeError for anything else.

    A password in it is not repeated.
    """
    if not _ADDRESS.fullmatch(text):
        shown = re.sub(r"[^/]*@", "...@", text)
        raise argparse.ArgumentTypeError(f"{shown!r} is not an address like s3://bucket")
    return text
