"""Repositories of backups whose cipher was exchanged: who still reads them, and with which cipher."""

from __future__ import annotations

from datetime import date

from moothall.deploy.render_secrets import fill
from moothall.keys.key_versions import KeyVersions
from moothall.keys.vault import DerivingVault
from moothall.operations.restore.copy import repositories
from moothall.plan.config import pgbackrest
from moothall.plan.secret_refs import has_secret

LABEL = "instance/erp/repository-cipher"
MASTERS = {number: bytes([number]) * 32 for number in (0, 5, 9)}
FIRST = KeyVersions()
SECOND = FIRST.begin_exchange(5, 100)
THIRD = SECOND.go_on().go_on().begin_exchange(9, 200)


def vault(versions: KeyVersions) -> DerivingVault:
    """Return the vault of a keyring with these versions."""
    former = [each.version for each in versions.former]
    day, version = date(2026, 1, 1), lambda label: versions.of(label, {})
    return DerivingVault(MASTERS, "p", agreed=day, as_of=day, version=version, former=former)


def sections(versions: KeyVersions) -> dict[str, dict[str, str]]:
    """Return the configuration of the backup target, section by section, as pgBackRest reads it."""
    text = pgbackrest.repository("erp", ["agent-a"], LABEL, 2, None)
    assert has_secret(text)
    found: dict[str, dict[str, str]] = {}
    for line in fill(text, vault(versions), {}).splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line:
            key, _, value = line.partition("=")
            section[key] = value
    return found


def cipher(versions: KeyVersions) -> str:
    """Return the cipher into which backups go."""
    return vault(versions).secret(LABEL)


def test_before_any_exchange_there_is_one() -> None:
    """At the path at which it has always been."""
    found = sections(FIRST)
    assert (found["global"]["repo1-path"], found["global"]["repo1-cipher-pass"]) == ("/backup", cipher(FIRST))
    assert not any("repo2" in key for section in found.values() for key in section)


def test_backups_go_into_the_newest_and_restores_read_all() -> None:
    """No other command sees the former ones: none expires them, and none backs up into them."""
    found = sections(THIRD)
    assert found["global"]["repo1-path"] == "/backup/generation-3"
    assert found["global"]["repo1-cipher-pass"] == cipher(THIRD)
    former = {
        "repo2-path": "/backup/generation-2",
        "repo2-cipher-type": "aes-256-cbc",
        "repo2-cipher-pass": cipher(SECOND),
        "repo3-path": "/backup",
        "repo3-cipher-type": "aes-256-cbc",
        "repo3-cipher-pass": cipher(FIRST),
    }
    readers = {"global:restore", "global:archive-get", "global:repo-ls", "global:repo-get"}
    assert {name: section for name, section in found.items() if name.startswith("global:")} == dict.fromkeys(
        readers, former
    )
    assert not any("repo2" in key for key in {**found["global"], **found["erp"]})
    assert len({cipher(FIRST), cipher(SECOND), cipher(THIRD)}) == 3


def test_one_whose_time_is_over_is_named_no_more() -> None:
    """The target is then told to be another, so that it is recreated, and removes it."""
    later = THIRD.forget(100)
    assert "repo3-path" not in sections(later)["global:restore"]
    assert sections(later)["global:restore"]["repo2-path"] == "/backup/generation-2"
    tags = [versions.tag(f"secret/{LABEL}", {}) for versions in (FIRST, SECOND, THIRD, later, later.forget(200))]
    assert len(set(tags)) == 5
    assert tags[0] == ""


def test_a_copy_reads_the_same_ones() -> None:
    """In the same order: a backup is named by the number of its repository."""
    found = repositories(vault(THIRD), "erp")
    assert [(each.folder, each.cipher) for each in found] == [
        ("/generation-3", cipher(THIRD)),
        ("/generation-2", cipher(SECOND)),
        ("", cipher(FIRST)),
    ]
