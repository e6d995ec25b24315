"""Who came from where, and what administrators did."""
