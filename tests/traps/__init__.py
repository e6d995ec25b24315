"""Traps that a tenant plants in its own database, for whoever looks into it or restores it with more rights."""
