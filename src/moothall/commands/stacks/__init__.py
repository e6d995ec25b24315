"""Commands about what stands: what would change, making it so, proving it, and the secrets and states behind it."""
