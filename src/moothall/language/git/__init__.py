"""Definitions in git: what stands in a commit, what differs between two, and how old a line is."""
