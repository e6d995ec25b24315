"""A secret in a definition is found wherever it stands, and never said again; what is no secret is left alone."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.language.checks.secrets import secrets

BASE = Path(__file__).parents[2] / "cases" / "valid" / "two-councils"
ALSTON = "partnerships/dales/councils/alston.yaml"


def _coded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


# Put together here, so that nobody who searches the repository for secrets finds any.
TOKENS = {
    "an access key of AWS": "AKIA" + "IOSFODNN7EXAMPLE",
    "an access token of GitHub": "ghp_" + "a1B2" * 9,
    "an access token of GitLab": "glpat-" + "x1Y2" * 5,
    "an access token of Slack": "xoxb-" + "1234567890-abc",
    "a JSON web token": ".".join([_coded('{"alg":"HS256","typ":"JWT"}'), _coded('{"sub":"alston","x":1}'), "c2ln"]),
}
OPENERS = {
    **{token: (what, token) for what, token in TOKENS.items()},
    "https://alston:" + "opensesame@git.dales.test/": ("a password in an address", "opensesame"),
    "password: " + "opensesame": ("a password or key", "opensesame"),
    'DB_PASSWORD="' + 'open sesame"': ("a password or key", "open sesame"),
    "api-key = " + "opensesame": ("a password or key", "opensesame"),
    "password: " + "sesame": ("a password or key", "sesame"),
    "token: " + "s3same": ("a password or key", "s3same"),
}
HARMLESS = (
    "session: 5m",
    "password-length: 12",
    "# the token: ask the service desk for it",
    "# token: rotate",
    "site: hill # api-key: yearly, by hand",
    "password: none",
    "password: ${DB_PASSWORD}",
    "title: Secret ballots and access to private roads",
    "# https://docs.pulumi.com/secrets/",
    "address: payroll.provider.test:443",
    "# write to post@dales.test: they know",
)


def validated(root: Path, form: str) -> subprocess.CompletedProcess[str]:
    """Run the command line on a root."""
    command = [sys.executable, "-m", "moothall", "validate", "--as-of", "2008-06-01", "--root", str(root)]
    return subprocess.run([*command, "--format", form], capture_output=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_no_output_says_a_secret_again(form: str, tmp_path: Path) -> None:
    """In no format is any kind of secret spelt out, whether it stands in a comment or in a value."""
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    lines = [f"# {opener}" for opener in OPENERS] + [f"hots: {token}" for token in TOKENS.values()]
    with (tmp_path / ALSTON).open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")

    ran = validated(tmp_path, form)

    assert (ran.returncode, ran.stderr) == (3, "")
    assert "secret-in-clear" in ran.stdout
    assert not [opener for opener, (_, secret) in OPENERS.items() if secret in ran.stdout]


def test_a_mended_file_is_checked_again(tmp_path: Path) -> None:
    """Of a file with a secret only that is said; without it, what else is wrong comes out."""
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    file = tmp_path / ALSTON
    wrong = file.read_text(encoding="utf-8").replace("site: hill", "site: hall")
    file.write_text(f"{wrong}# password: opensesame\n", encoding="utf-8")
    before = json.loads(validated(tmp_path, "json").stdout)
    file.write_text(wrong, encoding="utf-8")

    after = json.loads(validated(tmp_path, "json").stdout)

    assert [finding["rule"] for finding in before["diagnostics"]] == ["secret-in-clear"]
    assert [finding["rule"] for finding in after["diagnostics"]] == ["unknown-site"]


@given(
    st.sampled_from(sorted(OPENERS)), st.lists(st.sampled_from(HARMLESS)), st.integers(0, 9), st.sampled_from("\n\r")
)
def test_a_secret_is_found_where_it_stands(opener: str, around: list[str], after: int, ending: str) -> None:
    """The text at the span of the finding is the secret, on whatever line it is and with either line ending."""
    what, secret = OPENERS[opener]
    lines = [*around[:after], f"# {opener}", *around[after:]]
    text = ("\r\n" if ending == "\r" else "\n").join(lines)

    found = list(secrets("a.yaml", text))

    assert [finding.summary for finding in found] == [f"{what} stands here in clear"]
    span = found[0].primary.span
    assert text.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1].strip('"') == secret
    assert span.end_line == span.line


@pytest.mark.parametrize("kind", ["", "RSA ", "OPENSSH ", "EC "])
def test_a_private_key_is_one_finding(kind: str) -> None:
    """The whole block is meant, whatever is in it."""
    block = [
        f"-----BEGIN {kind}PRIVATE KEY-----",
        "MIIEvQIBADANBgkq",
        "password: x",
        f"-----END {kind}PRIVATE KEY-----",
    ]

    (finding,) = secrets("a.yaml", "\n".join(["title: |", *(f"  {line}" for line in block), "site: hill"]))

    assert finding.summary == "a private key stands here in clear"
    assert (finding.primary.span.line, finding.primary.span.end_line) == (2, 5)


@given(st.lists(st.sampled_from(HARMLESS)))
def test_what_is_no_secret_is_left_alone(lines: list[str]) -> None:
    """No line that only looks like one is a finding, whatever stands around it."""
    assert list(secrets("a.yaml", "\n".join(lines))) == []
