"""Carrying the ledger of a replaced system into a tenant."""
