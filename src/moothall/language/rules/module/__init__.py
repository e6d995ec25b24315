"""Rules about modules: who offers, needs and uses which, with which settings."""
