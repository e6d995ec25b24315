"""Commands that need the files alone: no engine is asked, and nothing that stands is looked at."""
