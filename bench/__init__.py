"""Benchmarks: ratios against a named baseline of the same run, so that a loaded machine does not lie."""
