"""Locks of stacks, and their owners."""
