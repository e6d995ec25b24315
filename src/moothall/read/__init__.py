"""From files to definitions: which files count, what their YAML says and where, and the nouns they describe."""
