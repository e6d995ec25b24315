"""What each council pays."""
