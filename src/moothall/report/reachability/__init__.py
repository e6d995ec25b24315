"""Who may reach what."""
