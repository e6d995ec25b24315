"""How a council signs in to a tenant."""
