"""What the tests of nasty strings share."""

from __future__ import annotations

from tests.hostile.front_door import type_

__all__ = ["type_"]
