"""Which images were built for a partnership: the ID of each by its tag, recorded beside the state when they are built.

Everybody has the tags, and who rules an engine gives them to whatever he likes there. So what runs is what is on record
here. Who can write the state could write another image into it; so it is sealed with the partnership's key, and what is
not sealed, or by another key, counts as lost. That costs nothing while the engine that built the images has them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path

from moothall import atomic_file, json_text, private
from moothall.model.image import is_image_id, is_platform_tag, repository
from moothall.ports import Vault

SEAL = "images"
"""The label of the secret that seals the record; it is another when the master key is exchanged, and not before."""
ImageIds = Mapping[str, str]
"""IDs of images by their tags."""


def read(state: Path, partnership: str) -> dict[str, str]:
    """Return what is on record, whoever wrote it; nothing where there is no record or none that can be read.

    It says what to expect. What is run was read by `read_sealed`, or `is_altered` was asked about it.
    """
    return _parse(_load(record_path(state, partnership)).get("images"))


def read_sealed(state: Path, partnership: str, vault: Vault) -> dict[str, str]:
    """Return what is on record if the partnership's key has sealed it, else nothing."""
    return {} if is_altered(state, partnership, vault) else read(state, partnership)


def is_altered(state: Path, partnership: str, vault: Vault) -> bool:
    """Say whether there is a record that the partnership's key has not sealed."""
    record = _load(record_path(state, partnership))
    seal = _seal(partnership, _parse(record.get("images")), vault).encode()
    seals = (str(record.get(member)).encode() for member in ("seal", "next"))
    return bool(record) and not any(hmac.compare_digest(each, seal) for each in seals)


def write(state: Path, partnership: str, ids: ImageIds, vault: Vault) -> None:
    """Record images, and seal the record; of each name one version is kept, the one that is given. Raises OSError."""
    names = {repository(tag) for tag in ids}
    former_ids = {
        tag: id_ for tag, id_ in read_sealed(state, partnership, vault).items() if repository(tag) not in names
    }
    images = dict(sorted({**former_ids, **ids}.items()))
    _replace(state, partnership, {"images": images, "seal": _seal(partnership, images, vault)})


def hand_over(state: Path, partnership: str, vault: Vault, next_vault: Vault) -> None:
    """Seal the record for the key that comes next, too, if the present one has sealed it. Raises OSError.

    The next keyring is written after that: whichever of the two is there when somebody is killed, it knows the record.
    """
    if images := read_sealed(state, partnership, vault):
        seals = {"seal": _seal(partnership, images, vault), "next": _seal(partnership, images, next_vault)}
        _replace(state, partnership, {"images": images, **seals})


def record_path(state: Path, partnership: str) -> Path:
    """Return where a partnership's record is."""
    return state / "images" / f"{partnership}.json"


def _seal(partnership: str, images: ImageIds, vault: Vault) -> str:
    text = json.dumps([partnership, sorted(images.items())])
    return hmac.new(vault.secret(SEAL).encode(), text.encode(), hashlib.sha256).hexdigest()


def _replace(state: Path, partnership: str, record: Mapping[str, object]) -> None:
    """Put a record in the place of the one that is there, if it is another."""
    path = record_path(state, partnership)
    if _load(path) != record:
        private.folder(path.parent)
        atomic_file.replace(path, (json.dumps(record, indent=1) + "\n").encode(), durable=True)


def _parse(images: object) -> dict[str, str]:
    """Return the entries that are an image's."""
    entries = images.items() if isinstance(images, dict) else ()
    return {tag: id_ for tag, id_ in entries if is_platform_tag(tag) and is_image_id(id_)}


def _load(path: Path) -> dict[str, object]:
    try:
        record = json_text.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
