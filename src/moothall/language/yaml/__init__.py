"""YAML 1.2 as the language allows it: parsed into plain data with a place for every key and value."""
