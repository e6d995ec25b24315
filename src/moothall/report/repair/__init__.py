"""A damaged state, and what it can be restored from."""
