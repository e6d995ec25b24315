"""What a verb does not use it refuses before it does anything: every verb with every selection and every format."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.commands.front_door import contents, sound_root

from moothall import cli
from moothall.failures import CHANGES, INVALID, OK, USAGE
from moothall.model.uses import SELECTION
from moothall.report.renderers import FORMATS, renders

WORDS = {
    "explain": ("alston",),
    "failover": ("ledger", "--yes"),
    "failback": ("ledger", "--yes"),
    "up": ("--yes",),
    "destroy": ("--yes",),
    "keys": ("rotate", "--yes"),
    "state": ("history",),
    "drill": ("restore", "ledger"),
    "restore": ("ledger",),
    "credentials": ("alston", "ledger"),
    "onboard": ("carlby", "--yes"),
    "decommission": ("alston", "--freeze", "--yes"),
    "site": ("move", "hill", "vale", "--yes"),
    "tenant": ("move", "alston", "ledger", "--yes"),
    "cutover": ("alston", "ledger", "--undo", "--yes"),
    "schema": ("council",),
    "completion": ("--names", "council"),
}
"""What each verb needs to be told before it would do its work."""

WITHOUT_AN_ENGINE = {
    **{verb: WORDS.get(verb, ()) for verb in ("validate", "plan", "explain", "calendar", "shares", "diff", "affected")},
    **{verb: WORDS.get(verb, ()) for verb in ("graph", "drift", "unlock", "state", "schema", "completion", "doctor")},
    "verify": ("--isolation", "--expected"),
    "onboard": ("carlby", "--dry-run"),
    "decommission": ("alston", "--from", "2030-01-01", "--dry-run"),
    "migrate": ("--check",),
}
ONLY_SOME = {("verify", "junit"), ("decommission", "junit")}
"""Forms of a verb's other answers."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sound root that is a git repository, with a state of one stack."""
    found = sound_root(tmp_path_factory.mktemp("made"))
    stacks = found / ".moothall" / ".pulumi" / "stacks" / "moothall"
    stacks.mkdir(parents=True)
    checkpoint = {"stack": "organization/moothall/dales.alston.hill", "latest": None}
    (stacks / "dales.alston.hill.json").write_text(json.dumps({"version": 3, "checkpoint": checkpoint}))
    for words in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "all")):
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", "-C", str(found), *who, *words], check=True)
    return found


@pytest.fixture
def root(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of it, far from every engine and passphrase."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("MOOTHALL_PASSPHRASE_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    return shutil.copytree(made, tmp_path / "root")


def everything(root: Path) -> dict[str, bytes]:
    """Return the definitions and the state."""
    state = (file for file in (root / ".moothall").rglob("*") if file.is_file())
    return contents(root) | {str(file): file.read_bytes() for file in state}


@pytest.mark.parametrize("noun", SELECTION)
@pytest.mark.parametrize("name", cli.VERBS)
def test_a_selection_is_used_or_refused(name: str, noun: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be selected is no option; what can be has to be there."""
    verb, _ = cli._command(name)
    before = everything(root)

    code = cli.main([name, *WORDS.get(name, ()), f"--{noun}", "nobody", "--root", str(root)])

    said = capsys.readouterr()
    if name == "completion" and noun in verb.USES.options:  # somebody at a prompt is told nothing
        assert (code, said.out) == (OK, "")
        return
    assert (code, said.out) == (USAGE, ""), said.err
    wanted = f"there is no {noun} named 'nobody'" if noun in verb.USES.options else f"there is no option --{noun}"
    assert wanted in said.err
    assert everything(root) == before


@pytest.mark.parametrize("option", ["engines", "engine", "backend"])
@pytest.mark.parametrize("name", cli.VERBS)
def test_an_option_of_others_is_refused(name: str, option: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A verb that asks no engine takes no file of engines, and one that runs no program not who runs it."""
    verb, parser = cli._command(name)
    taken = {flag for action in parser._actions for flag in action.option_strings}
    assert (f"--{option}" in taken) == (option in verb.USES.options)
    if option in verb.USES.options:
        return

    code = cli.main([name, *WORDS.get(name, ()), f"--{option}", "pulumi", "--root", str(root)])

    assert code == USAGE
    assert f"there is no option --{option}" in capsys.readouterr().err


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", cli.VERBS)
def test_a_format_is_given_or_refused(name: str, format: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a verb cannot give it refuses before its work; what it can it gives."""
    verb, _ = cli._command(name)
    before = everything(root)
    given = format in verb.USES.formats
    if given and name not in WITHOUT_AN_ENGINE:
        return
    words = WITHOUT_AN_ENGINE[name] if given else WORDS.get(name, ())

    code = cli.main([name, *words, "--format", format, "--root", str(root)])

    said = capsys.readouterr()
    assert everything(root) == before
    if given and (name, format) not in ONLY_SOME:
        assert code in ((OK, 1) if name == "doctor" else (OK, CHANGES)), said.err
        if format in ("json", "sarif"):
            json.loads(said.out)
        return
    assert (code, said.out) == (USAGE, "")
    assert f"There is no {format} form" in said.err if given else f" {format} " in said.err or repr(format) in said.err


@pytest.mark.parametrize("format", [format for format in FORMATS if renders("diagnostics", format)])
@pytest.mark.parametrize("name", cli.VERBS)
def test_findings_have_every_form(name: str, format: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A verb for which definitions have to be sound says in any form of theirs why they are not."""
    verb, _ = cli._command(name)
    (root / "partnerships" / "dales" / "partnership.yaml").write_text("kind: nothing\n")
    if not verb.USES.sound or format in verb.USES.formats:
        return

    code = cli.main([name, *WORDS.get(name, ()), "--format", format, "--root", str(root)])

    said = capsys.readouterr()
    assert (code, said.err) == (INVALID, "")
    assert "wrong-value" in said.out


def test_who_is_selected(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`plan` shows what is chosen of it."""
    shown = {}
    for words in ((), ("--council", "alston"), ("--council", "barton"), ("--site", "vale"), ("--instance", "ledger")):
        assert cli.main(["plan", "--as-of", "2008-06-01", *words, "--format", "json", "--root", str(root)]) == OK
        shown[words] = json.loads(capsys.readouterr().out)

    whole = shown.pop(())
    for (option, name), view in shown.items():
        assert set() < names(view) < names(whole), option
        assert all(name in stack.split(".") for stack in names(view))
    assert [len(shown["--council", who]["tenants"]) for who in ("alston", "barton")] == [1, 0]
    assert [len(shown["--council", who]["planned"]) for who in ("alston", "barton")] == [0, 1]


def names(view: dict[str, Any]) -> set[str]:
    """Return the names of a plan's stacks."""
    return {stack["name"] for stack in view["stacks"]}


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("plan", "--council", "alstno"), "--council alston"),
        (("plan", "--site", "hlil"), "--site hill"),
        (("explain", "alstno"), "did you mean alston?"),
        (("site", "move", "hlil", "vale"), "did you mean hill?"),
    ],
    ids=str,
)
def test_the_nearest_name_is_named(
    words: tuple[str, ...], hint: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the option that it was, or as the word: no verb is advised an option that it does not take."""
    assert cli.main([*words, "--root", str(root)]) == USAGE

    assert capsys.readouterr().err.endswith(f"  hint: {hint}\n")
