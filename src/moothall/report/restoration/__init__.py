"""A copy from the backups, compared with what runs, and the swap of the two."""
