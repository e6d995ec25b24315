"""Which files count, where they stand, and what they describe."""
