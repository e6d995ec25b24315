"""A partnership whose state is in a backend of Pulumi's: no verb that knows only the state directory says that all is
well, and the way home is open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.advice.taking import Operator

from moothall.deploy import elsewhere
from moothall.failures import REFUSED
from moothall.settings.backend_url import without_secrets

URL = "postgres://...@db.test/states"
STACK = "dales.alston.hill"


@pytest.fixture
def away(operator: Operator) -> Operator:
    """Where it stands, but its states are elsewhere; an old copy of them is in the state directory."""
    stacks = [path.stem for path in (operator.root / ".moothall/.pulumi/stacks/moothall").glob("*.json")]
    elsewhere.remember(operator.root / ".moothall", "dales", stacks, URL)
    return operator


BY_HAND = f"PULUMI_BACKEND_URL={URL} pulumi"
OPENING = (
    f"PULUMI_BACKEND_URL={URL} PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER=true "
    "PULUMI_CONFIG_PASSPHRASE_FILE=HOME/config/moothall/passphrase pulumi"
)
CANCEL = f"{BY_HAND} cancel --yes --stack organization/moothall/{STACK}  # only when you know that its owner is gone"
ADVICE = {
    "preview": f"moothall preview --root ROOT --as-of 2008-06-01 --engine pulumi --backend {URL}",
    "up --yes": f"moothall up --yes --root ROOT --as-of 2008-06-01 --engine pulumi --backend {URL}",
    "up --yes --engine pulumi": f"moothall up --yes --engine pulumi --root ROOT --as-of 2008-06-01 --backend {URL}",
    "destroy --yes": f"moothall destroy --yes --root ROOT --as-of 2008-06-01 --engine pulumi --backend {URL}",
    "keys rotate --council alston --yes": "moothall keys rotate --council alston --yes --root ROOT "
    f"--as-of 2008-06-01 --engine pulumi --backend {URL}",
    "keys rotate --passphrase --yes": f"{BY_HAND} stack export --stack organization/moothall/{STACK}"
    "  # of each stack, for moothall state import; then again",
    "drift": f"{OPENING} refresh --preview-only --stack organization/moothall/{STACK}  # in stacks/",
    f"state export {STACK}": f"{BY_HAND} stack export --stack organization/moothall/{STACK}",
    f"state repair {STACK}": f"{OPENING} state repair --stack organization/moothall/{STACK}  # in stacks/",
    "state history": f"{BY_HAND} stack history --stack organization/moothall/{STACK}",
    "unlock": CANCEL,
    f"unlock {STACK}": CANCEL,
}


@pytest.mark.parametrize("typed", ADVICE)
def test_who_looks_into_the_directory_alone_refuses(away: Operator, typed: str) -> None:
    """In one sentence that says where the state is, and with one command that goes on there."""
    before = {path: path.read_bytes() for path in (away.root / ".moothall").rglob("*") if path.is_file()}

    code, advice = away.fails(*typed.split())

    wanted = ADVICE[typed].replace("ROOT", str(away.root)).replace("HOME", str(away.root.parent))
    assert (code, advice) == (REFUSED, wanted)
    assert f"{URL} and not in {away.root / '.moothall'}" in away.shown[1]
    assert {path: path.read_bytes() for path in before} == before


def test_doctor_says_of_what_it_can_tell_nothing(away: Operator) -> None:
    """Where no lock lies here, there may be one there."""
    away.type(["doctor", "--format", "json"])
    [told] = [each for each in json.loads(away.shown[0])["results"] if each["id"] == "backend"]
    assert (told["status"], URL in told["detail"]) == ("skipped", True)


def test_a_state_that_is_imported_is_home_again(away: Operator, tmp_path: Path) -> None:
    """When the last of them is, everything is as it was before."""
    elsewhere.forget(away.root / ".moothall", "dales", [STACK])
    away.type(["state", "export", STACK])
    exported = tmp_path / "exported.json"
    exported.write_text(away.shown[0])
    elsewhere.remember(away.root / ".moothall", "dales", [STACK], URL)

    assert away.type(["state", "import", STACK, str(exported)])[0] == 0
    assert away.type(["drift", "--council", "alston", "--site", "hill"])[0] == 0
    assert f"more is in {URL}" in _refused(away, "up", "--yes")
    elsewhere.forget(away.root / ".moothall", "dales", elsewhere.of_all(away.root / ".moothall"))
    assert not (away.root / ".moothall/backends/dales.json").exists()
    assert away.type(["up", "--yes"])[0] == 0


def test_the_variable_says_it_where_nobody_has_remembered(operator: Operator) -> None:
    """On another machine, say: the state directory is empty there, or old."""
    operator.patch.setenv("MOOTHALL_BACKEND", "postgres://somebody:hunter2@db.test/states")

    for words in (["drift"], ["state", "history"], ["unlock"]):
        assert f"is in {URL} and not in" in _refused(operator, *words)
    assert operator.fails("up", "--yes")[1] == "add --engine pulumi, or leave them out"


def test_what_is_remembered_by_nobody_of_ours_counts_for_nothing(operator: Operator) -> None:
    """A file that somebody has spoilt keeps nobody from working."""
    file = operator.root / ".moothall/backends/dales.json"
    file.parent.mkdir()
    for text in ("{", "[]", f'{{"{STACK}": 3}}'):
        file.write_text(text)
        assert operator.type(["preview"])[0] == 0


def _refused(operator: Operator, *words: str) -> str:
    code, _ = operator.fails(*words)
    assert code == REFUSED
    assert "hunter2" not in "".join(operator.shown)
    return operator.shown[1]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (
            "postgres://me:hunter2@db/states?sslmode=require&password=hunter2",
            "postgres://...@db/states?sslmode=require",
        ),
        ("s3://bucket/a?endpoint=http://me:hunter2@s3.test&region=uk", "s3://bucket/a?region=uk"),
        ("s3://bucket?endpoint=http%3A%2F%2Fme%3Ahunter2%40s3.test", "s3://bucket"),
        ("azblob://states?sig=hunter2", "azblob://states"),
        ("s3://bucket/at@home?endpoint=http://127.0.0.1:9000", "s3://bucket/at@home?endpoint=http://127.0.0.1:9000"),
        ("file:///srv/states", "file:///srv/states"),
    ],
)
def test_an_address_is_shown_without_what_is_secret(address: str, shown: str) -> None:
    """The user goes with the password; of the rest what is known to be harmless stays."""
    assert without_secrets(address) == shown
