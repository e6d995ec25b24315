"""What a drill measured, against what was agreed."""
