"""From what was written to what it means on one day."""

from moothall.resolve.partnership import resolve

__all__ = ["resolve"]
