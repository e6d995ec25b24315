"""From a plan to what stands: the Pulumi program of each stack, the order of stacks, and what changes."""
