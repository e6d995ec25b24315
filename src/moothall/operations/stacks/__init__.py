"""Stacks: looking ahead, making, taking down, and the engines that they stand on."""
