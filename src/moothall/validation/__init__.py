"""Incremental validation: everything below a root read and checked, as far as it has changed since the last run.

`validate.validate` is the way in.
"""
