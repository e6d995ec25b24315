"""Restoring an instance, or a council's tenant alone, from its backups."""
