"""Comparing two revisions of the definitions."""
