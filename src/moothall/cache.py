"""What was worked out in an earlier run, kept in files that nobody has to trust.

A cache is a folder of shelves, one file each, with plain data by key; it stands in the cache folder of the user, one
for each root. Every file begins with a keyed digest of the rest, made with a secret of this user: a file that is
damaged, cut short or made by somebody else is as good as none, and is not even decoded. The digest also covers the
version of the code. Where nothing can be read or written, everything is computed again, without a message.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from moothall import atomic_file

try:  # hashlib loads all of OpenSSL, which takes a fifth of what starting Python does
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

_ROOTS = "roots"
SIZE = 16
"""Bytes of a digest; nobody can find two contents with the same one by chance, or with less than 2**64 attempts."""

_SECRET = 32
_MOST_BYTES = 1 << 28
_MOST_FILES = 100
_MOST_ROOTS = 100


def digest(*parts: bytes) -> bytes:
    """Return a digest of the parts, which differ in it wherever they are divided differently."""
    whole = parts[0] if len(parts) == 1 else b"".join(len(part).to_bytes(8, "little") + part for part in parts)
    return blake2b(whole, digest_size=SIZE).digest()


CacheValue = tuple[object, ...]
"""Data of lists, mappings, text, numbers and truth values; never empty."""


class Shelf:
    """Cache entries by key. Entries that a run does not use are dropped when there are too many of them."""

    def __init__(self, stored_entries: dict[bytes, CacheValue]) -> None:
        self._stored_entries = stored_entries
        self._used_entries: dict[bytes, CacheValue] = {}
        self.has_changed = False

    def get(self, key: bytes) -> Any:
        """Return the value at `key`, or None; the value must not be modified."""
        value = self._used_entries.get(key) or self._stored_entries.get(key)
        if value is not None:
            self._used_entries[key] = value
        return value

    def put(self, key: bytes, value: CacheValue) -> None:
        """Set the value at `key`."""
        self._used_entries[key] = value
        self.has_changed = True

    def entries(self) -> dict[bytes, CacheValue]:
        """Return the used entries and, of the others, half as many again, so that two branches can take turns."""
        rest = [key for key in self._stored_entries if key not in self._used_entries][
            : len(self._used_entries) // 2 + 1
        ]
        return {**self._used_entries, **{key: self._stored_entries[key] for key in rest}}


class Cache:
    """The shelves in one folder; without a folder nothing is stored, which costs time and nothing else."""

    def __init__(self, folder: Path | None, code: bytes = b"") -> None:
        self._folder = folder
        self._secret = _secret() if folder else None
        self._code = code
        self._shelves: dict[str, Shelf] = {}

    def shelf(self, name: str) -> Shelf:
        """Return the shelf of a name, empty if there is none that can be trusted."""
        if name not in self._shelves:
            self._shelves[name] = Shelf(self._read(name))
        return self._shelves[name]

    def save(self) -> None:
        """Write the shelves that have changed, each in one step; old files and roots go if there are very many."""
        if self._folder is None or self._secret is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for name, shelf in self._shelves.items():
                if shelf.has_changed:
                    self._write(name, shelf)
                    shelf.has_changed = False
            self._clear()
            _forget(self._folder.parent)
        except OSError:
            return

    def _place(self, name: str) -> Path:
        assert self._folder
        return self._folder / digest(os.fsencode(name)).hex()

    def _read(self, name: str) -> dict[bytes, CacheValue]:
        if self._folder is None or self._secret is None:
            return {}
        try:
            with open(self._place(name), "rb", opener=_open_secret) as file:
                content = file.read(_MOST_BYTES)
        except OSError:
            return {}
        seal, data = content[:SIZE], content[SIZE:]
        if seal != self._seal(name, data):
            return {}
        entries: dict[bytes, CacheValue] = marshal.loads(data)  # noqa: S302  # only what this user's moothall has written
        return entries

    def _write(self, name: str, shelf: Shelf) -> None:
        data = marshal.dumps(shelf.entries())
        atomic_file.replace(self._place(name), self._seal(name, data) + data, durable=False)

    def _seal(self, name: str, data: bytes) -> bytes:
        assert self._secret
        sealing = blake2b(digest(self._code, os.fsencode(name)), digest_size=SIZE, key=self._secret)
        sealing.update(data)
        return sealing.digest()

    def _clear(self) -> None:
        assert self._folder
        files = os.listdir(self._folder)
        if len(files) > _MOST_FILES:
            for file in {*files} - {self._place(name).name for name in self._shelves}:
                (self._folder / file).unlink(missing_ok=True)


def code(*places: Path) -> bytes:
    """Return a digest of the code that decides what is kept: files and folders of ours, Python, and the parsers.

    A file of code is the same while its size and time are: Python itself asks no more of a module that it has compiled.
    """
    files = sorted(_stamp(file) for path in places for file in _files(str(path)))
    return digest(sys.version.encode(), *map(os.fsencode, _installed_versions(*_PARSERS)), *map(os.fsencode, files))


def portable_code_digest(*folders: Path, libraries: Iterable[str]) -> bytes:
    """Return a digest of the code in folders, byte for byte, and of libraries by name and version.

    It is the same for every checkout of the same code, on every machine; that of `code` is of this one alone.
    """
    files = sorted((os.path.relpath(file, folder), file) for folder in folders for file in _files(str(folder)))
    texts = (part for name, file in files for part in (os.fsencode(name), Path(file).read_bytes()))
    return digest(*map(os.fsencode, _installed_versions(*(f"{name}-" for name in libraries))), *texts)


def _files(path: str) -> Iterator[str]:
    """Yield every file of code at or below a place."""
    if os.path.isfile(path):
        yield path
        return
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            elif entry.name.endswith((".py", ".json")):
                yield entry.path


def _stamp(path: str) -> str:
    status = os.stat(path)
    return f"{path} {status.st_mtime_ns} {status.st_size}"


_PARSERS = ("pyyaml-", "jsonschema_rs-")
"""The libraries that read YAML and JSON Schema."""


def _installed_versions(*starts: str) -> list[str]:
    """Return name and version of libraries as they are installed, by what their folders' names start with.

    https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    names = [name for path in sys.path if os.path.isdir(path) for name in os.listdir(path)]
    return sorted(name for name in names if name.lower().startswith(starts))


def _open_secret(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)


def user_folder() -> Path | None:
    """Return the folder of this user's caches, None if there is no place for it; the home of nobody is not made.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    path_text = os.environ.get("XDG_CACHE_HOME")
    try:
        home = Path.home()
    except RuntimeError:  # this user has no home
        return Path(path_text) / "moothall" if path_text else None
    return Path(path_text or home / ".cache") / "moothall" if path_text or home.is_dir() else None


def folder_of(root: Path) -> Path | None:
    """Return where this user keeps what is known of the definitions below a root, None if there is no place for it."""
    folder = user_folder()
    return folder and folder / _ROOTS / digest(os.fsencode(root.resolve())).hex()


def _forget(roots: Path) -> None:
    """Forget the roots that were not looked at for longest, when there are very many."""
    if roots.name != _ROOTS or len(os.listdir(roots)) <= _MOST_ROOTS:
        return
    for root in sorted(roots.iterdir(), key=os.path.getmtime)[: _MOST_ROOTS // 2]:
        for file in root.iterdir():
            file.unlink(missing_ok=True)
        root.rmdir()


def _secret() -> bytes | None:
    """Return this user's secret, made when it is first wanted; None if there is no place for it.

    One that others may have read or written seals nothing: this user's own is recreated, somebody else's is left alone
    and nothing is kept.
    """
    folder = user_folder()
    if folder is None:
        return None
    path = folder / "key"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            atomic_file.create(path, os.urandom(_SECRET), durable=False)  # another process's is as good
        secret = _own_secret(path)
        if secret == b"":
            atomic_file.replace(path, os.urandom(_SECRET), durable=False)
            secret = _own_secret(path)
    except OSError:
        return None
    return secret or None


def _own_secret(path: Path) -> bytes | None:
    """Return the secret in a file; empty if the file is this user's but no secret any more, None if it is not."""
    with open(path, "rb", opener=_open_secret) as file:
        status = os.fstat(file.fileno())
        if status.st_uid != os.geteuid():
            return None
        is_sound = stat.S_ISREG(status.st_mode) and not status.st_mode & 0o077 and status.st_size == _SECRET
        return file.read(_SECRET) if is_sound else b""
