"""Rules about what was agreed: its parties, its data, its costs and its policy."""
