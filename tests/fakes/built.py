"""What engines in memory have for images: each platform image under its tag, by an ID that follows from it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from moothall import paths
from moothall.deploy.built_images import record_path
from moothall.imagetags import tags


def image_id(tag: str) -> str:
    """Return the ID of the image that is built under a tag here."""
    return f"sha256:{hashlib.sha256(tag.encode()).hexdigest()}"


def image_ids() -> dict[str, str]:
    """Return the IDs of the platform images by their tags."""
    return {tag: image_id(tag) for tag in tags(paths.IMAGES).values()}


def record(state: Path, partnership: str) -> None:
    """Put on record that all were built, without a seal: for whoever opens no vault."""
    path = record_path(state, partnership)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"images": image_ids()}))
