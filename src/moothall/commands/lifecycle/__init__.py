"""Commands that carry a council in or out, a ledger into its tenant, or a site to another."""
