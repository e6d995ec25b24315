"""A tenant moved from one server of its instance to another: to a server of its own, and back."""
