"""What an image is known by: the ID that an engine gives it, which is the SHA-256 of its configuration.

The configuration names the digest of each layer, so an ID says what is in the image, whoever hands it over; a tag says
what somebody has called it.
"""

from __future__ import annotations

import re

_ID = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = re.compile(r"moothall/[a-z0-9-]+:[0-9a-f]{64}")


def is_image_id(text: object) -> bool:
    """Say whether this is an image's ID."""
    return isinstance(text, str) and bool(_ID.fullmatch(text))


def is_platform_tag(text: object) -> bool:
    """Say whether this is a tag of a platform image (`moothall.imagetags`)."""
    return isinstance(text, str) and bool(_TAG.fullmatch(text))


def repository(tag: str) -> str:
    """Return the name of an image without what tells its versions from each other."""
    return tag.rpartition(":")[0]
