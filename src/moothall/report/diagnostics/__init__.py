"""Findings about definitions."""
