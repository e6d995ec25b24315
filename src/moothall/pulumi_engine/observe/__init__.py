"""Looking at what stands: whether it is as the state records it, and a state made again from it."""
