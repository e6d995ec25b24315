"""The sites, instances and councils of a partnership, and what connects them."""
