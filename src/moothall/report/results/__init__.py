"""Results of single checks."""
