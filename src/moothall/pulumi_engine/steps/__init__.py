"""What is to be done, in which order, and doing it: steps as Pulumi decides and makes them."""
