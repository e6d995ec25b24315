"""Container engines in memory, as far as images go: what Docker's SDK shows of one to whoever builds and carries them.

An ID is the digest of what is in the image, as on a real engine; a tag is whatever somebody has given.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from docker.errors import ImageNotFound


def id_of(content: str) -> str:
    """Return the ID of the image with this in it."""
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"


class ImageEngine:
    """An engine: contents by ID, IDs by tag, and how often an archive was asked of it (`sent`).

    `answers` is False where none does, and `swaps` has it keep something else than it is given. What `meanwhile` does
    comes between the last look at it and the archive that it sends.
    """

    base_url, api_version = "memory", "1.41"

    def __init__(self) -> None:
        self.contents: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        self.sent = self.built = 0
        self.answers, self.swaps = True, False
        self.meanwhile: Callable[[], object] = lambda: None
        self.images = self.api = self

    def have(self, tag: str, content: str) -> str:
        """Have an image under a tag; return its ID."""
        id_ = id_of(content)
        self.contents[id_] = content
        self.ids[tag] = id_
        return id_

    def ping(self) -> None:
        """Report, if it does."""
        if not self.answers:
            raise OSError("the socket is not there")

    def close(self) -> None:
        """Nothing is open."""

    def inspect_image(self, name: str) -> dict[str, Any]:
        """Return what it says of an image."""
        id_ = self.ids.get(name, name)
        if id_ not in self.contents:
            raise ImageNotFound(f"No such image: {name}")
        return {"Id": id_, "RepoTags": [tag for tag, meant in self.ids.items() if meant == id_]}

    def tag(self, id_: str, tag: str) -> bool:
        """Have a tag mean an image."""
        self.inspect_image(id_)
        self.ids[tag] = id_
        return True

    def get(self, name: str, params: Mapping[str, list[str]] | None = None, **how: object) -> Any:
        """Return an image, or an archive of images: the SDK has one word for both."""
        return Archive(self, params["names"]) if params else Image(self, str(self.inspect_image(name)["Id"]))

    def load_image(self, pieces: Iterator[bytes]) -> list[dict[str, str]]:
        """Take an archive, and the tags in it."""
        for content, tags in json.loads(b"".join(pieces)):
            id_ = self.have("loaded", f"{content} swapped" if self.swaps else content)
            del self.ids["loaded"]
            self.ids |= dict.fromkeys(tags, id_)
        return []

    def build(self, *, tag: str, **how: object) -> list[dict[str, str]]:
        """Build an image: no two are alike."""
        self.built += 1
        self.have(tag, f"{tag} built {self.built}")
        return []


class Image:
    """One image of an engine."""

    def __init__(self, engine: ImageEngine, id_: str) -> None:
        self._engine = engine
        self.id = id_

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        return list(self._engine.inspect_image(self.id)["RepoTags"])

    def tag(self, tag: str) -> bool:
        """Give it one more."""
        return self._engine.tag(self.id, tag)


class Archive:
    """The images of an engine as they are carried: by ID without tags, by tag with it."""

    def __init__(self, engine: ImageEngine, names: list[str]) -> None:
        engine.sent += 1
        engine.meanwhile()
        contents = [
            (engine.contents[engine.inspect_image(name)["Id"]], [name] * (name in engine.ids)) for name in names
        ]
        self._bytes = json.dumps(contents).encode()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is open."""

    def raise_for_status(self) -> None:
        """All is well."""

    def iter_content(self, size: int) -> Iterator[bytes]:
        """Yield the bytes."""
        yield self._bytes
