"""Facts about the definitions that several rules need."""
