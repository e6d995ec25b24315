"""Recoveries tried in an isolated copy, and measured."""
