"""Nothing lost: what stands and its state, attacked."""
