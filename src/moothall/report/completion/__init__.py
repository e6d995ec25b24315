"""What shells complete after each command."""
