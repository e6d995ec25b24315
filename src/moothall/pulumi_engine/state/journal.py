"""What a running operation has done since the checkpoint was written: one line for each save, only ever added to.

A checkpoint is written whole, so writing one at every step would cost the more the more the stack holds. The journal
lies beside it while an operation runs (`STACK.json.journal`, an ending that Pulumi passes over) and is folded into it
at the end, or by whoever works next on the stack. Each line is a digest, which covers all lines before it too, a blank,
and a JSON list of moves of the ledger; the first line says of which checkpoint it is the continuation.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from moothall import json_text, private
from moothall.pulumi_engine.errors import StateCorrupt, StateNotWritten
from moothall.pulumi_engine.protocol.values import Json
from moothall.pulumi_engine.state.ledger import Ledger, Move
from moothall.pulumi_engine.state.snapshot import Pending, Snapshot, resource_from

FORMAT = 1
_DIGITS = 32  # of SHA-256 in hex, before each line


@dataclass(frozen=True)
class JournalContents:
    """A journal as it was found: its id, the SHA-256 of the checkpoint that it continues, and the moves since."""

    id: str
    checkpoint: str
    moves: tuple[Move, ...]


class Journal:
    """A journal that is being written, by one thread at a time."""

    def __init__(self, path: Path, stack: str, checkpoint: str) -> None:
        """Begin the journal of a stack whose checkpoint has this SHA-256. Raises StateNotWritten."""
        self.id = uuid.uuid4().hex
        self._path = path
        self._end, self._chain = 0, ""
        with _translate_errors(path):
            self._file = open(path, "xb", buffering=0, opener=private.opener)  # noqa: SIM115  # closed with the journal
        try:
            self._append({"journal": FORMAT, "stack": stack, "id": self.id, "checkpoint": checkpoint})
        except StateNotWritten:
            self.remove()
            raise

    def add(self, moves: Sequence[Move]) -> None:
        """Return when the moves are on disk. Raises StateNotWritten; then none of them is."""
        self._append(list(moves))

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def remove(self) -> None:
        """Take the journal away: its checkpoint holds all of it."""
        self.close()
        self._path.unlink(missing_ok=True)

    def _append(self, content: Json) -> None:
        text = json.dumps(content, separators=(",", ":"))
        digest = _digest(self._chain, text)
        line = f"{digest} {text}\n".encode()
        with _translate_errors(self._path):
            self._file.truncate(self._end)  # what a full disk left of an earlier line
            self._file.seek(self._end)
            remaining = memoryview(line)
            while remaining:
                remaining = remaining[self._file.write(remaining) :]
            os.fsync(self._file.fileno())
        self._end, self._chain = self._end + len(line), digest


def read(path: Path, stack: str) -> JournalContents | None:
    """The journal at `path`, None where there is none, or nothing whole in it. Raises StateCorrupt.

    A last line without an end was being written when the process died; nothing that it announces was begun.
    """
    try:
        *lines, _ = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateCorrupt(str(path), f"it cannot be read ({error})") from error
    if not lines:
        return None
    head, *rest = _contents(path, lines)
    if not isinstance(head, dict) or (head.get("journal"), head.get("stack")) != (FORMAT, stack):
        raise StateCorrupt(str(path), f"it is no journal of {stack} that can be read here")
    return JournalContents(str(head["id"]), str(head["checkpoint"]), tuple(move for moves in rest for move in moves))


def replay(path: Path, snapshot: Snapshot, moves: Sequence[Move]) -> Snapshot:
    """The state after the moves of the journal at `path`. Raises StateCorrupt."""
    ledger, salt_line = Ledger(snapshot), snapshot.salt_line
    try:
        for move in moves:
            salt_line = move.get("salt", salt_line)
            _replay_move(ledger, move)
    except (KeyError, TypeError, AttributeError) as error:
        raise StateCorrupt(str(path), f"it does not continue its checkpoint ({error})") from error
    return ledger.snapshot(salt_line)


def _replay_move(ledger: Ledger, move: Move) -> None:
    """Make a move that `ledger.Ledger` told of."""
    match move:
        case {"settle": resource, "was": old_urn}:
            ledger.settle(resource_from(resource), old_urn)
        case {"same": urn}:
            ledger.settle(ledger.old_record(urn), urn, changed=False)
        case {"amend": resource}:
            ledger.amend(resource_from(resource))
        case {"drop": urn}:
            ledger.drop(urn)
        case {"begin": resource, "type": type_}:
            ledger.begin(Pending(resource_from(resource), type_))
        case {"end": urn}:
            ledger.end(urn)
        case {"forget": _}:
            ledger.forget_pending()
        case {"salt": _}:
            pass
        case _:
            raise KeyError(f"no move is called {next(iter(move), '')!r}")


def _contents(path: Path, lines: Sequence[bytes]) -> Iterator[Json]:
    chain = ""
    for number, line in enumerate(lines, start=1):
        try:
            text = line[_DIGITS + 1 :].decode()
            chain = _digest(chain, text)
            if line[: _DIGITS + 1] != f"{chain} ".encode():
                raise ValueError("its digest says so")
            yield json_text.parse(text)
        except ValueError as error:
            raise StateCorrupt(str(path), f"line {number} is not as it was written ({error})") from error


def _digest(chain: str, text: str) -> str:
    return hashlib.sha256(f"{chain} {text}".encode()).hexdigest()[:_DIGITS]


@contextlib.contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StateNotWritten(path, error) from error
