"""Of a backend's address nothing is told but its kind and where it is."""

from __future__ import annotations

import pytest

from moothall.pulumi_cli.address import public_address, redact_address


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgres://me:hunter2@db.example:5432/states?sslmode=disable", "postgres://db.example:5432"),
        ("postgres://me@[2001:db8::1]:5432/states", "postgres://[2001:db8::1]:5432"),
        ("postgres://me:hun/ter2@db.example/states", "postgres://..."),
        ("postgres://me:hun?ter2@db.example/states", "postgres://..."),
        ("postgres://me:hun@ter2@db.example/states", "postgres://db.example"),
        ("s3://states?endpoint=http://me:hunter2@127.0.0.1:9&use_path_style=true", "s3://states"),
        ("azblob://states?storage_account=councils", "azblob://states"),
        ("file:///srv/states?no_tmp_dir=true", "file:///srv/states"),
        ("https://api.pulumi.com", "https://api.pulumi.com"),
    ],
)
def test_a_backend_is_named(url: str, name: str) -> None:
    """By its scheme and host; what does not say where a password ends, by its scheme alone."""
    assert public_address(url) == name


def test_a_text_of_the_cli_names_it_in_any_form() -> None:
    """As it was given, as Go writes it, and the password by itself, in the form in which it is meant too."""
    url = "postgres://me:hun%21ter2@db.example/states?sslmode=disable&password=another-one"
    said = (
        f"unable to open bucket {url}: cannot parse 'postgres://me:xxxxx@db.example/states?x=1': "
        'pq: authentication failed for user "me" with hun!ter2 or another-one'
    )

    assert redact_address(said, url) == (
        "unable to open bucket postgres://db.example: cannot parse 'postgres://db.example': "
        'pq: authentication failed for user "..." with [secret] or [secret]'
    )
    assert redact_address("nothing of it", "") == "nothing of it"
    broken = "postgres://me:hun/ter2@db.example/states"
    assert redact_address(f'parse "{broken}": invalid port ":hun" after host', broken) == (
        'parse "postgres://...": invalid port ":[secret]" after host'
    )
