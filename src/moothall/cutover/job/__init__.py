"""The job that carries a ledger into a tenant: runs in a throw-away container of the tenant's image, as copied there.

It uses that image's Python packages (trytond, psycopg) and the preparing job's `tenant`, and nothing of moothall.
"""
