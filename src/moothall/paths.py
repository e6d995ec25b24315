"""Where the project's own data and code stand: its schemas, its module catalogue, its engine."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SCHEMAS = PROJECT / "schemas"
IMAGES = PROJECT / "images"
ENGINE = Path(__file__).with_name("pulumi_engine")
"""The code that decides what a state says."""
KEYS = Path(__file__).with_name("keys")
"""The code that decides what passwords, keys and certificates are."""


def shipped_catalogue(root: Path) -> Path | None:
    """Return the folder of the module catalogue that is shipped; None where it is what stands below `root` itself."""
    catalogue = PROJECT / "modules"
    return None if (root / "modules").resolve() == catalogue else catalogue
