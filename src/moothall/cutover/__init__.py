"""Carrying an old finance system's ledger into a tenant: the extract, its checks, the job that imports it, totals.

Everything but `errand` is pure. What runs in the container is in `job`; docs/cutover.md describes the extract.
"""
