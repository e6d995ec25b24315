"""Rules about days in their order."""
