"""Where the passphrase comes from that encrypts the state and the keyring; never from the state directory itself."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from moothall import atomic_file, private
from moothall.environment import SECRETS
from moothall.failures import OPEN_STATE, OperationError

SHORTEST = 12
FILE_VARIABLES = ("MOOTHALL_PASSPHRASE_FILE", "PULUMI_CONFIG_PASSPHRASE_FILE")
TEXT_VARIABLES = SECRETS


def passphrase(environment: Mapping[str, str], *, create: bool) -> str:
    """Return the passphrase: from a file named in `environment`, else from a variable, else from the user's own file.

    With `create` the user's own file is made, random and readable by nobody else, when nothing else names a
    passphrase. Raises `OperationError` when there is none, when it is empty or shorter than 12 characters (an unset
    secret of a pipeline is an empty variable, and an empty passphrase would encrypt without anybody noticing),
    and when others may read the file.
    """
    for variable in FILE_VARIABLES:
        if variable in environment:
            return from_file(Path(environment[variable]), variable)
    for variable in TEXT_VARIABLES:
        if variable in environment:
            return _require_length(environment[variable], f"the variable {variable}")
    return _read_own_file(own_file(environment), create)


def is_named(environment: Mapping[str, str]) -> bool:
    """Return whether there is a passphrase, fit or not: what is there is used, and none is made in its place."""
    return any(name in environment for name in (*FILE_VARIABLES, *TEXT_VARIABLES)) or own_file(environment).exists()


def passphrase_file(environment: Mapping[str, str]) -> str:
    """Return the file that holds the passphrase, empty where a variable holds it."""
    path_text = next((environment[name] for name in FILE_VARIABLES if name in environment), "")
    if path_text or any(name in environment for name in TEXT_VARIABLES):
        return path_text and str(Path(path_text).resolve())
    return str(own_file(environment))


def own_file(environment: Mapping[str, str]) -> Path:
    """Return the file that is used when no variable names a passphrase (XDG Base Directory Specification 0.8)."""
    home = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME") or Path.home()) / ".config")
    return Path(home) / "moothall" / "passphrase"


def _read_own_file(path: Path, create: bool) -> str:
    """Return what the user's own file says; make it first with `create`."""
    if not path.exists():
        if not create:
            raise OperationError(
                f"There is no passphrase: no variable names one and {path} does not exist.",
                state="Nothing was changed.",
                hint=OPEN_STATE,
            )
        create_random(path)
    return from_file(path, None)


def create_random(path: Path) -> None:
    """Write 32 random bytes, in base32, to a new file of mode 0600; leave a file that is there already."""
    private.folder(path.parent)
    atomic_file.create(path, base64.b32encode(secrets.token_bytes(32)).rstrip(b"=") + b"\n", durable=True)


def from_file(path: Path, variable: str | None) -> str:
    """Return the passphrase in a file, without the blanks and line ends around it. Raises OperationError.

    A file is refused that others may read, as ssh refuses such a key: who reads it opens the state.
    """
    where = f"the file {path}" + (f" (named by {variable})" if variable else "")
    try:
        with path.open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise OperationError(
                    f"Others than you may read the passphrase in {where}.",
                    state="Nothing was changed.",
                    hint=f"chmod 600 {path}",
                )
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise OperationError(
            f"The passphrase cannot be read from {where}: {error.__class__.__name__}.",
            state="Nothing was changed.",
            hint=OPEN_STATE if isinstance(error, FileNotFoundError) else f"ls -l {path}",
        ) from error
    return _require_length(text.strip(), where)


def _require_length(text: str, where: str) -> str:
    """Return the passphrase, or raise `OperationError` when it protects nothing, or is no text."""
    if problem := _describe_problem(text):
        raise OperationError(
            f"The passphrase in {where} {problem}; at least {SHORTEST} characters of UTF-8 are needed.",
            state="Nothing was changed.",
            hint="export MOOTHALL_PASSPHRASE_FILE=FILE  # a file with a passphrase of 12 characters or more",
        )
    return text


def _describe_problem(text: str) -> str:
    """Return what is wrong with a passphrase, or nothing."""
    if not text:
        return "is empty"
    if any("\ud800" <= character <= "\udfff" for character in text):  # bytes of a variable that are none (PEP 383)
        return "is no text"
    return f"has only {len(text)} characters" if len(text) < SHORTEST else ""
