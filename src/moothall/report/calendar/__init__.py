"""What is overdue, and what falls in the days to come."""
