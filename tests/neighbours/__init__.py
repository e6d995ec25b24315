"""Noisy neighbours: one tenant uses up what an instance has, and another goes on working meanwhile."""
