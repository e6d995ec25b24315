"""What a change of definitions does."""
