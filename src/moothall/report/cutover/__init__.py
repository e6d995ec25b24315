"""The totals of a replaced system and of its tenant, side by side."""
