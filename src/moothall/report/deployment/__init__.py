"""A stack's state in Pulumi's form."""
