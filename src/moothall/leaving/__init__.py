"""Leaving: what carries a council out with its data.

Freeze, export, proof and removal, each a step of its own that may be interrupted and done again. Nothing here knows
arguments or prints; `CouldNotRun` says what could not be done, and why.
"""
