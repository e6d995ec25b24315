"""Where the values of a council come from."""
