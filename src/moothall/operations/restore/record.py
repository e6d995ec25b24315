"""The record of an exchange that has begun, so that the same command, given again after a kill, goes on with it.

It is written beside the state before anything is stopped, and removed when everybody can work again. Whether the
exchange itself was made it does not say: that is asked of the server, where a state changes its name in one step.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from moothall import atomic_file, json_text, private
from moothall.failures import OperationError, describe_os_error, hint_of
from moothall.operations.restore.subject import Subject

SWAP, UNDO = "swap", "undo"
STAMP = "%Y%m%dt%H%M%S"
"""How the moment of an exchange is written in the name of the former state, in UTC."""
_ABANDONED = ""
"""The deed of an exchange with which no command goes on: its followers are all that it is recorded for."""


@dataclass(frozen=True)
class Exchange:
    """A state that takes the place of what runs: `deed` and `target` are those of the command, `server` is where.

    `source` is what takes the place, a database or the lines of an order; `former_name` is what the present state is
    called afterwards, and `replaces` says whether there was one to be asked for. `followers` are the standbys that are
    stopped for it and have not been made to follow again.
    """

    deed: str
    target: str
    server: str
    source: tuple[str, ...]
    former_name: str
    replaces: bool
    followers: tuple[str, ...]

    @property
    def start(self) -> datetime:
        """When it was begun."""
        return _moment_of(self.former_name)


class ExchangeRecord:
    """What is recorded of one instance or tenant."""

    def __init__(self, state: Path, subject: Subject) -> None:
        """Take the folder of the state, and the subject of the exchange."""
        names = filter(None, (subject.plan.partnership, subject.instance, subject.council))
        self._path = state / "restores" / f"{'.'.join(names)}.json"

    def read(self) -> Exchange | None:
        """Return the exchange that was begun and has not ended. Raises OperationError when the record is damaged."""
        if not self._path.exists():
            return None
        try:
            return _decode(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OperationError(
                f"The record of a restore that did not end cannot be read: {self._path}",
                state="Nothing was touched.",
                hint=f"mv {self._path} {self._path}.damaged  # after a look at the former states that are kept",
            ) from error

    def write(self, exchange: Exchange) -> None:
        """Record an exchange in place of what was recorded. Raises OperationError."""
        content = json.dumps(asdict(exchange), indent=1).encode()
        with _translate_os_errors(self._path):
            private.folder(self._path.parent)
            atomic_file.sweep(self._path.parent, self._path.name)
            if not atomic_file.create(self._path, content, durable=True):
                atomic_file.replace(self._path, content, durable=True)

    def remove(self) -> None:
        """Record nothing any more: the exchange has ended. Raises OperationError."""
        with _translate_os_errors(self._path):
            self._path.unlink(missing_ok=True)

    def abandon(self) -> None:
        """Have no command go on with the exchange: it failed, or another one is begun. Raises OperationError."""
        exchange = self.read()
        if exchange and exchange.followers:
            self.write(replace(exchange, deed=_ABANDONED))
        else:
            self.remove()

    def note_followed(self) -> None:
        """Record that the standbys follow again. Where it cannot be recorded, they are copied once more at worst."""
        with suppress(OperationError):
            exchange = self.read()
            if exchange and exchange.deed == _ABANDONED:
                self.remove()
            elif exchange:
                self.write(replace(exchange, followers=()))


def _decode(text: str) -> Exchange:
    data = json_text.parse(text)
    _moment_of(str(data["former_name"]))  # a name without one is none of ours
    return Exchange(
        deed=str(data["deed"]),
        target=str(data["target"]),
        server=str(data["server"]),
        source=tuple(map(str, data["source"])),
        former_name=str(data["former_name"]),
        replaces=bool(data["replaces"]),
        followers=tuple(map(str, data["followers"])),
    )


def _moment_of(former_name: str) -> datetime:
    """Return the moment at the end of the name of a former state. Raises ValueError."""
    return datetime.strptime(former_name.rpartition("before-")[2], STAMP).replace(tzinfo=UTC)


@contextmanager
def _translate_os_errors(path: Path) -> Iterator[None]:
    """Raise OperationError where the record cannot be written or removed."""
    try:
        yield
    except OSError as error:
        name, reason = describe_os_error(error, str(path))
        what = f"What is about to be done, or was done, cannot be recorded in {name}: {reason}"
        state = "What runs is as it was before this step."
        raise OperationError(what, state=state, hint=hint_of(error, path.parent)) from error
