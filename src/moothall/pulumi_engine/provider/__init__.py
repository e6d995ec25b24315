"""The provider for real Docker engines, on the `docker` SDK's low-level client (Engine API 1.41 and later)."""
