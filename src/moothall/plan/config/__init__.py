"""The configuration files of the services: pure text from plain values."""
