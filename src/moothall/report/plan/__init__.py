"""All that shall stand."""
