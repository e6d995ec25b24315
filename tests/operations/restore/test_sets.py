"""What a restore of one tenant's database takes out of a backup."""

from __future__ import annotations

from moothall.operations.restore.backup_sets import Backup, RecoveryTarget

SYSTEM = ("postgres", "template0", "template1")


def chosen(*databases: str) -> list[str]:
    """Return the options that choose databases for durham, out of a backup that holds some beside the server's own."""
    order = Backup(1, "20070331-090000F", (*SYSTEM, *databases), 3).order("erp", RecoveryTarget(None), "durham")
    return [option for option in order if option.startswith("--db-")]


def test_one_tenants_database_alone() -> None:
    """Nobody else's is taken, whoever's name begins alike."""
    assert chosen("durham", "durhamshire", "weardale") == ["--db-include=durham"]


def test_one_that_has_the_name_later() -> None:
    """A database that was carried to the server before the backup and given the tenant's name after it is taken too."""
    names = ("durham", "durham.restored", "durham.before-20070331t090000")

    assert chosen(*names, "weardale") == [f"--db-include={name}" for name in names]
    assert chosen("durham.restored") == ["--db-include=durham.restored"]


def test_one_that_is_younger_than_the_backup() -> None:
    """It comes out of the log; nobody else's is taken."""
    assert chosen("weardale") == ["--db-exclude=weardale"]
