"""Commands for a bad day, and for trying it beforehand: another site serves, or a backup is brought back."""
