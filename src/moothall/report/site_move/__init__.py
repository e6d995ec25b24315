"""A site that was moved to another."""
