"""The job that carries a ledger into a tenant: runs in a one-off container of the image of the tenant's application."""
