"""Markers that stand in a planned file for what `deploy` fills in: a plan names secrets and never holds them."""

from __future__ import annotations

AUTHORITY = "<<authority>>"


def secret(label: str) -> str:
    """Return the marker of a derived secret."""
    return f"<<secret:{label}>>"


def folder(label: str) -> str:
    """Return the marker of the part of a path that tells the generation of a secret; the first has none."""
    return f"<<folder:{label}>>"


def each_former(label: str, text: str) -> str:
    """Return a text as often as there are former secrets of a label that still open something, the newest first.

    In it `{number}` counts from 2, `{folder}` tells the generation and `{secret}` is the secret.
    """
    return f"<<each-former:{label}>>{text}<<end>>"


def certificate(name: str) -> str:
    """Return the marker of a leaf certificate."""
    return f"<<certificate:{name}>>"


def key(name: str) -> str:
    """Return the marker of a leaf's private key."""
    return f"<<key:{name}>>"


def thumbprint(name: str) -> str:
    """Return the marker of what tells a leaf's key from every other, as its certificate states it."""
    return f"<<thumbprint:{name}>>"


def has_secret(text: str) -> bool:
    """Say whether filling in the text makes it secret."""
    return any(marker in text for marker in ("<<secret:", "<<key:", "<<each-former:"))


def tenant_secret(council_uid: str, instance: str, kind: str) -> str:
    """Return the label of a tenant's secret; by uid, so that a renamed council keeps it."""
    return f"tenant/{council_uid}/{instance}/{kind}"


def instance_secret(instance: str, kind: str) -> str:
    """Return the label of an instance's secret."""
    return f"instance/{instance}/{kind}"
