"""The stacks that a change concerns."""
