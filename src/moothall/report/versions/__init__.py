"""Old versions of states."""
