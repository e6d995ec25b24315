"""Configuration as code for councils that share ICT services."""

__version__ = "0.1.0"
