"""Words of the command line, of the environment and of the file with the engines: what is said of them is harmless."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.hostile.front_door import Type
from tests.hostile.strings import MIXED, WORDS
from tests.hostile.titled import define, scalar

from moothall.failures import OK, USAGE

COMMANDS = (
    ["TEXT"],
    ["plan", "TEXT"],
    ["plan", "--TEXT"],
    ["plan", "--council", "TEXT"],
    ["plan", "--as-of", "TEXT"],
    ["plan", "--engines", "TEXT"],
    ["plan", "--format", "TEXT"],
    ["plan", "--state", "TEXT/x"],
    ["explain", "TEXT"],
    ["explain", "alston.TEXT"],
    ["calendar", "--days", "TEXT"],
    ["schema", "TEXT"],
    ["completion", "TEXT"],
    ["validate", "TEXT"],
    ["unlock", "TEXT"],
    ["state", "history", "TEXT"],
    ["state", "export", "TEXT"],
    ["state", "import", "dales.alston.hill", "TEXT"],
    ["onboard", "TEXT"],
    ["onboard", "wear", "--site", "TEXT"],
    ["onboard", "wear", "--uses", "TEXT:TEXT"],
    ["onboard", "wear", "--title", "TEXT", "--site", "hill"],
    ["decommission", "TEXT", "--from", "2009-01-01"],
    ["decommission", "alston", "--rehearse", "TEXT"],
    ["credentials", "TEXT", "TEXT"],
    ["credentials", "alston", "ledger", "--ca-file", "TEXT/x/y"],
    ["failover", "TEXT"],
    ["failback", "TEXT"],
    ["restore", "TEXT"],
    ["restore", "alston", "--at", "TEXT"],
    ["drill", "TEXT", "ledger"],
    ["drill", "restore", "TEXT"],
    ["cutover", "alston", "ledger", "--extract", "TEXT"],
    ["site", "move", "TEXT", "vale"],
    ["keys", "rotate", "--backend", "TEXT"],
)
"""Commands that end before an engine is asked, whatever the text is."""
VARIABLES = {
    "MOOTHALL_CERTIFICATES_AS_OF": ["credentials", "alston", "ledger"],
    "MOOTHALL_BASE_IMAGE": ["doctor"],
    "MOOTHALL_PASSPHRASE_FILE": ["credentials", "alston", "ledger"],
    "DOCKER_HOST": ["drift"],
    "MOOTHALL_PULUMI": ["preview", "--engine", "pulumi"],
    "XDG_CONFIG_HOME": ["credentials", "alston", "ledger"],
}
"""What is read from the environment, and a command that reads it."""
ENGINES = """\
apiVersion: moothall/v1
kind: Engines
spec:
  engines:
    one: {{endpoint: {text}, certificates: {text}, sites: [{text}, hill]}}
    {text}: {{endpoint: unix:///nowhere, address: {text}, ports: {{{text}: {text}}}}}
"""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_words_of_commands(tmp_path: Path, command: list[str], type_: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    """All strings in the place of a word."""
    root = define(tmp_path / "root", "good")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")

    for text in WORDS:
        type_(root, *(word.replace("TEXT", text) for word in command))


def test_words_that_are_no_text(tmp_path: Path, type_: Type) -> None:
    """Bytes of another encoding."""
    root = define(tmp_path, "good")

    assert type_(root, "plan", "--council", "evil\udcff\x1b[31m").code == USAGE


@pytest.mark.parametrize("variable", VARIABLES)
def test_variables(tmp_path: Path, variable: str, type_: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    """All strings in each of them."""
    root = define(tmp_path, "good")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    for text in WORDS:
        monkeypatch.setenv(variable, text)
        type_(root, *VARIABLES[variable])


def test_engines(tmp_path: Path, type_: Type) -> None:
    """Keys and values of the file that says where engines are."""
    root = define(tmp_path, "good")
    (root / "stacks").mkdir()
    for text in MIXED:
        (root / "stacks/engines.yaml").write_text(ENGINES.format(text=scalar(text)))
        assert type_(root, "plan").code != OK
