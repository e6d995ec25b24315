"""Values that people give in words, as options and variables: what each may say, and what it means."""
