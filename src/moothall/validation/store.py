"""Where validation keeps what it knows of the definitions below a root."""

from __future__ import annotations

from pathlib import Path

from moothall import paths
from moothall.cache import Cache, code, folder_of


def cache_of(root: Path) -> Cache:
    """Return the cache of this user and this code for the definitions below a root."""
    package = Path(__file__).parents[1]
    files = (package / f"{name}.py" for name in ("cache", "diagnostics", "source"))
    rooms = (package / name for name in ("language", "model", "validation"))
    return Cache(folder_of(root), code(*files, *rooms, paths.SCHEMAS))
