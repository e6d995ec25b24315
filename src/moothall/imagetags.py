"""The tags of the platform images, computed from their sources: same files, same tags, on every machine.

A tag changes when, and only when, the image's own folder or that of an image it is built from changes. So a plan can
say what it wants without asking an engine. What an engine has under a tag is for whoever rules that engine to say; what
is run is known by its ID (`moothall.model.image`).
"""

import hashlib
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

DESCRIPTION = "image.toml"
"""The file that makes a folder an image: `kind`, and `from`, the names of the images it is built from."""


def content_digest(folder: Path) -> str:
    """Return the SHA-256, in hexadecimal, of everything in `folder`.

    Counted are the paths, whether a file may be executed (the one part of a mode that git keeps) and the contents.
    Hidden files and Python's caches are not: they come and go without a commit.
    """
    digest = hashlib.sha256()
    for path in sorted(_sources(folder), key=lambda path: path.relative_to(folder).as_posix()):
        executable = "x" if path.stat().st_mode & 0o100 else "-"
        digest.update(f"{path.relative_to(folder).as_posix()}\0{executable}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def tags(images: Path) -> dict[str, str]:
    """Return the tag of every image in the folder `images`, for example `{"postgres": "moothall/postgres:3f…"}`.

    Raises `FileNotFoundError` when the folder is missing, `graphlib.CycleError` when images are built from each other.
    """
    sources = parents(images)
    tags_by_name: dict[str, str] = {}
    for name in TopologicalSorter(sources).static_order():
        own_digest = content_digest(images / name)
        lineage = "\n".join([own_digest, *(tags_by_name[parent] for parent in sorted(sources[name]))])
        digest = hashlib.sha256(lineage.encode()).hexdigest() if sources[name] else own_digest
        tags_by_name[name] = f"moothall/{name}:{digest}"
    return dict(sorted(tags_by_name.items()))


def parents(images: Path) -> dict[str, tuple[str, ...]]:
    """Return for every image in the folder `images` the names of the images it is built from."""
    descriptions = {path.parent.name: path for path in sorted(images.glob(f"*/{DESCRIPTION}"))}
    if not descriptions:
        raise FileNotFoundError(f"{images} holds no image: a folder with an {DESCRIPTION} was looked for.")
    return {name: tuple(description(path.parent).get("from", ())) for name, path in descriptions.items()}


def description(folder: Path) -> dict[str, list[str]]:
    """Return what the image's `image.toml` says."""
    return tomllib.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))


def _sources(folder: Path) -> list[Path]:
    """Return the files of the image, without hidden ones and Python's caches."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if not _is_uncommitted(path.relative_to(folder))]


def _is_uncommitted(path: Path) -> bool:
    """Say whether the file is one that no commit holds."""
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)
