"""Having an instance served by its other site: planned, or because its own is lost."""
