"""Changes inside of a tenant that is in use."""
