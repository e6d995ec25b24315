"""What can be typed after each command: the source of every shell's completion."""

from __future__ import annotations

from typing import NamedTuple

PLACES = ("--root", "--state", "--partnership")
"""The options that say where names are to be looked for."""


class ExpectedValue(NamedTuple):
    """What may come next: one of `words`, a name of some kinds, a folder or a file; otherwise people have to know."""

    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    files: str = ""


class Option(NamedTuple):
    """One option: its spellings, a sentence of help, and what it expects; None if it takes no value."""

    flags: tuple[str, ...]
    help: str
    value: ExpectedValue | None


class VerbWords(NamedTuple):
    """One verb: its summary, its options, and what each of its words in turn may be."""

    name: str
    summary: str
    options: tuple[Option, ...]
    positions: tuple[ExpectedValue, ...]
