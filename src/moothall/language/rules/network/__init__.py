"""Rules about addresses, links and ways between sites."""
