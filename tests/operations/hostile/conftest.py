"""What somebody who types commands on the machine in memory needs; the operator's machine fails over, too."""

from __future__ import annotations

from tests.hostile.front_door import type_
from tests.operations.drill.conftest import operator

__all__ = ["operator", "type_"]
