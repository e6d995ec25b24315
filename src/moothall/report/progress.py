"""What long work is doing, on stderr: lines in a log, a live list on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from moothall.model.outcome import Report
from moothall.report.style import Style, safe, safe_lines, wants_colour

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

    from moothall.ports import Progress


@contextmanager
def progress(stream: TextIO) -> Iterator[Progress]:
    """Give a progress that writes to `stream`, live if it is a terminal, and end it cleanly."""
    if not stream.isatty():
        yield Lines(stream)
        return
    live = Terminal(stream)
    try:
        yield live
    finally:
        live.close()


class Lines:
    """One line for every event, each in one write, so that parallel stacks do not mix."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def stage(self, text: str) -> None:
        """Write what begins now."""
        self._write(text)

    def started(self, stack: str, step: str) -> None:
        """Write that a step has begun."""
        self._write(f"{stack}: {step} ...")

    def finished(self, stack: str, step: str, seconds: float) -> None:
        """Write that a step is done."""
        self._write(f"{stack}: {step} done in {seconds:.1f} s")

    def failed(self, stack: str, step: str, message: str) -> None:
        """Write that a step failed, and why."""
        first, *more = safe_lines(message)
        self._write(f"{stack}: {step} failed: {first}", *(f"  {line}" for line in more))

    def ask(self, answer: Report, question: str) -> str | None:
        """Ask when somebody sits at the keyboard; in a log or a pipeline nobody does."""
        return _ask(self._stream, answer, question)

    def _write(self, *lines: str) -> None:
        self._stream.write("".join(f"{safe(line)}\n" for line in lines))
        self._stream.flush()


class Terminal:
    """The steps under way below the stage, with their seconds; what is done scrolls up and stays."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live: Live | None = None
        self._stage = ""
        self._running: dict[tuple[str, str], float] = {}

    def stage(self, text: str) -> None:
        """Show what begins now."""
        self._stage = text
        self._show("")

    def started(self, stack: str, step: str) -> None:
        """Show a step among those under way."""
        self._running[stack, step] = monotonic()
        self._show("")

    def finished(self, stack: str, step: str, seconds: float) -> None:
        """Take a step off the list."""
        self._running.pop((stack, step), None)
        self._show(f"[green]done[/]   {_plain(stack)}  {_plain(step)}  [dim]{seconds:.1f} s[/]")

    def failed(self, stack: str, step: str, message: str) -> None:
        """Take a step off the list and say why it failed."""
        self._running.pop((stack, step), None)
        first, *more = safe_lines(message)
        self._show(
            "\n  ".join([f"[red]failed[/] {_plain(stack)}  {_plain(step)}  {_plain(first)}", *map(_plain, more)])
        )

    def ask(self, answer: Report, question: str) -> str | None:
        """Put the list away, show the answer and ask."""
        self.close()
        self._live = None
        return _ask(self._stream, answer, question)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._live:
            self._running.clear()
            self._stage = ""
            self._live.stop()

    def _show(self, line: str) -> None:
        """Write a line that stays, and the list again; rich is loaded by the first event, not before."""
        if self._live is None:
            from rich.console import Console
            from rich.live import Live

            console = Console(file=self._stream)
            self._live = Live(console=console, get_renderable=self._table, refresh_per_second=4, transient=True)
            self._live.start()
        if line:
            self._live.console.print(line, highlight=False)

    def _table(self) -> Table:
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        table.add_row(f"[bold]{_plain(self._stage)}[/]")
        now = monotonic()
        for (stack, step), began in list(self._running.items()):
            table.add_row(f"  {_plain(stack)}", _plain(step), f"[dim]{now - began:.0f} s[/]")
        return table


def _ask(stream: TextIO, answer: Report, question: str) -> str | None:
    if not sys.stdin.isatty():
        return None
    from moothall.report.renderers import render

    stream.write(render(answer, "text", Style(wants_colour(stream, os.environ))) + "\n" + question)
    stream.flush()
    return sys.stdin.readline().strip()


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(safe(text))
