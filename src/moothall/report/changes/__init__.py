"""What is planned for stacks, or was done to them."""
