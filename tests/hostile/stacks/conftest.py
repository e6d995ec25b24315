"""A partnership that stands on a machine in memory, as the tests of advice have it."""

from __future__ import annotations

from tests.advice.conftest import machine, operator, stood

__all__ = ["machine", "operator", "stood"]
