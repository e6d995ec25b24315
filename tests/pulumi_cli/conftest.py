"""The bench of the engine's tests, for the CLI that does the same work."""

from __future__ import annotations

from tests.pulumi_engine.conftest import client, image, lab, shared

__all__ = ["client", "image", "lab", "shared"]
