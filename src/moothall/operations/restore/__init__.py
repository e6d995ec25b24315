"""Restoring an instance, or one council's tenant alone, to a moment: beside the running one, compared, then swapped."""
