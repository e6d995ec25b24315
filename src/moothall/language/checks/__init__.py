"""What checks have in common: findings and how they are mended, order, waivers, and checks that are no rules."""
