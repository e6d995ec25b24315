"""The language in which people describe partnerships: files, their YAML, its shape and its sense, and changes of it."""
