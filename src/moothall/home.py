"""Where the project's own data stands: its schemas and its module catalogue."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SCHEMAS = PROJECT / "schemas"
IMAGES = PROJECT / "images"


def catalogue(root: Path) -> Path:
    """Return the folder of the module catalogue: `modules/` below `root` if it is there, else the project's own."""
    own = root / "modules"
    return own if own.is_dir() else PROJECT / "modules"
