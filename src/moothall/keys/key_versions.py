"""Which generation of each secret is in use. Rotating is counting up: a new number derives a new secret.

The numbers stand in the keyring, for the whole partnership and for single councils by uid. Both count, so that a
council's number rises with either. Two things are never exchanged: the cipher of a backup repository, because old
backups would be lost with it, and the partnership's authority, which every certificate in use refers to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from moothall import atomic_file
from moothall.failures import OperationError
from moothall.keys.keyring import damaged_keyring, keyring_path

PARTNERSHIP = ""
"""Stands for everybody in place of a council's uid."""
DEPARTED_COUNCILS = "left"
"""The member of a keyring with the names of councils that have left, and how many generations they had."""
_LASTING = ("repository-cipher", "authority")
_OF_COUNCILS = ("relay", "gateway", "user", "transit")
Generation = Callable[[str], int]
"""Gives the generation of a label: `secret/<label>`, `leaf/<name of a certificate>`, `authority`."""


def generations(state: Path, partnership: str, identities: Mapping[str, str]) -> Generation:
    """Return the generations in use; `identities` holds the uid of each council. Raises OperationError for a bad
    keyring."""
    counts = _read_counts(keyring_path(state, partnership))
    departed_counts = _read_counts(keyring_path(state, partnership), DEPARTED_COUNCILS)

    def generation(label: str) -> int:
        if label.endswith(_LASTING):
            return 1
        own_count = counts.get(_uid(label, identities) or PARTNERSHIP, 1)
        shared_count = counts.get(PARTNERSHIP, 1) + departed_counts.get(_council(label), 0)
        return shared_count + own_count - 1 if _uid(label, identities) else shared_count

    return generation


def advance(state: Path, partnership: str, whose: str) -> int:
    """Count up for a council by uid, or for PARTNERSHIP, and return the number. The keyring is replaced as a whole."""
    path = keyring_path(state, partnership)
    counts = _read_counts(path)
    number = counts.get(whose, 1) + 1
    change(path, {"generations": {**counts, whose: number}})
    return number


def retire(state: Path, partnership: str, council: str, uid: str) -> None:
    """See to it that no key of a council that leaves is ever in use again, whoever takes its name later.

    Certificates are for names, and those of the leaver are valid for months to come. So the name counts on from where
    the leaver was, also for another council, and the leaver's own passwords are others should it come back.
    """
    path = keyring_path(state, partnership)
    counts, departed_counts = _read_counts(path), _read_counts(path, DEPARTED_COUNCILS)
    own_count = counts.get(uid, 1)
    change(
        path,
        {
            "generations": {**counts, uid: own_count + 1},
            DEPARTED_COUNCILS: {**departed_counts, council: departed_counts.get(council, 0) + own_count},
        },
    )


def change(path: Path, members: Mapping[str, Any]) -> None:
    """Replace members of a keyring; a crash at any moment leaves the old file or the new one."""
    ring = _ring(path)
    atomic_file.replace(path, (json.dumps({**ring, **members}, indent=2) + "\n").encode(), durable=True)


def _uid(label: str, identities: Mapping[str, str]) -> str | None:
    """Return the uid of the council whose secret or certificate this is, None for the partnership's and instances'."""
    parts = label.split("/")
    if parts[:2] == ["secret", "tenant"]:
        return parts[2]
    return identities.get(_council(label))


def _council(label: str) -> str:
    """Return the name of the council whose certificate this is, "" for all else."""
    names = label.rsplit("/", maxsplit=1)[-1].split(".")
    return names[1] if label.startswith("leaf/") and names[0] in _OF_COUNCILS else ""


def _read_counts(path: Path, member: str = "generations") -> dict[str, int]:
    try:
        return {str(whose): int(number) for whose, number in _ring(path).get(member, {}).items()}
    except (AttributeError, ValueError, TypeError) as error:
        raise damaged_keyring(path, error) from error


def _ring(path: Path) -> dict[str, Any]:
    try:
        ring = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(ring, dict):
            raise ValueError("it is no object")
    except FileNotFoundError as error:
        raise OperationError(
            f"There is no key to rotate: {path} does not exist.",
            state="Nothing was changed.",
            hint=f"moothall up --partnership {path.stem}",
        ) from error
    except (OSError, ValueError) as error:
        raise damaged_keyring(path, error) from error
    return ring
