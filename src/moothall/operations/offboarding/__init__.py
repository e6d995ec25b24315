"""A council that leaves: its day, its data, its definitions, and what of it is removed."""
