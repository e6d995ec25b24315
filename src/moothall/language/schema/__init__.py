"""The shape of one document, by JSON Schema; and what the language was like before."""
