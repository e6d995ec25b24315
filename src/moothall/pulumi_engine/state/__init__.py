"""The state of stacks on disk, in the layout and the formats of Pulumi."""
