"""Changes of files that people wrote."""
