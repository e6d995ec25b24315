"""Rules about names: each thing has its own, and whatever refers to one finds it."""
