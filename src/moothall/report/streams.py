"""The streams that a process was given: some may not be there, and some nobody reads any more."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO


def replace_closed_streams() -> None:
    """Put the null device in the place of every standard stream that is closed (`>&-`).

    Otherwise the next file to be opened would have its number, and be written into by whoever believes in the stream.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)  # has the lowest number that is free: that of the stream
            os.set_inheritable(null, True)
            setattr(sys, name, open(null, mode, closefd=False))  # noqa: SIM115  # as long as the process


class SteadyStream(io.TextIOBase):
    """A stream for progress and messages: where they cannot be written they are lost, and the work goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or do not."""
        try:
            return self._stream.write(text)
        except OSError:
            discard_output(self._stream)
            return len(text)

    def flush(self) -> None:
        """Flush, or do not."""
        try:
            self._stream.flush()
        except OSError:
            discard_output(self._stream)

    def isatty(self) -> bool:
        """Whether somebody reads it on a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The number of the stream below."""
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # the class that says None has no stream below
        """The encoding of the stream below."""
        return self._stream.encoding


def discard_output(stream: TextIO) -> None:
    """Have all that is still to be written to a stream go nowhere.

    Python flushes its streams once more at exit: https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    with suppress(OSError, ValueError):  # a stream of a test has no number
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, stream.fileno())
        os.close(null)
