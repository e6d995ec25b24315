"""Where the project's own data and code stand: its schemas, its module catalogue, its engine."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SCHEMAS = PROJECT / "schemas"
IMAGES = PROJECT / "images"
ENGINE = Path(__file__).with_name("engine")
"""The code that decides what a state says."""


def catalogue(root: Path) -> Path:
    """Return the folder of the module catalogue: `modules/` below `root` if it is there, else the project's own."""
    own = root / "modules"
    return own if own.is_dir() else PROJECT / "modules"
