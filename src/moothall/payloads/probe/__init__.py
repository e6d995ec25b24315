"""The probe: tries what can be reached from where it stands, and says what it saw. docs/isolation.md describes it."""
