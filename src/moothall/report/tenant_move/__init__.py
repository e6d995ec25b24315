"""A tenant that was moved from one server to another."""
