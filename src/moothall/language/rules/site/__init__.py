"""Rules about what sites have room for."""
