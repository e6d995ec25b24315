"""The whole partnership, running: looked at from every side."""
