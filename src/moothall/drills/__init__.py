"""Drills: a restore or a failover done for real in an isolated copy, measured against what was agreed."""
