"""Rules about mirrors, backups and what is promised of them."""
