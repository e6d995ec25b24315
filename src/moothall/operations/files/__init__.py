"""Changes of the definitions: tried on a copy, shown, asked about, and only then written."""
