"""What several rules ask of the definitions."""
