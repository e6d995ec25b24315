"""The nouns: what was written, what it means, what shall stand, and what came of it."""
