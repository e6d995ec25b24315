"""A failover or failback."""
