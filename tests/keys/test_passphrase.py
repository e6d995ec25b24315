"""Where the passphrase comes from, and which ones are refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from moothall.failures import OperationError
from moothall.keys.passphrase import FILE_VARIABLES, own_file, passphrase

LONG = "correct horse battery"


def test_a_file_named_by_a_variable_wins(tmp_path: Path) -> None:
    """MOOTHALL_PASSPHRASE_FILE before PULUMI_CONFIG_PASSPHRASE_FILE before the variables with the text itself."""
    ours, pulumis = tmp_path / "ours", tmp_path / "pulumis"
    for file, text in ((ours, "ours-ours-ours\n"), (pulumis, "pulumis-pulumis")):
        file.touch(0o600)
        file.write_text(text)
    everything = {
        "MOOTHALL_PASSPHRASE_FILE": str(ours),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(pulumis),
        "MOOTHALL_PASSPHRASE": "text-text-text",
        "PULUMI_CONFIG_PASSPHRASE": "pulumi-pulumi-text",
    }
    order = ["ours-ours-ours", "pulumis-pulumis", "text-text-text", "pulumi-pulumi-text"]
    for expected in order:
        assert passphrase(everything, create=False) == expected
        del everything[next(iter(everything))]


@pytest.mark.parametrize("variable", ["MOOTHALL_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE"])
@pytest.mark.parametrize("text", ["", "elevenchars"])
def test_an_empty_or_short_passphrase_is_refused(tmp_path: Path, variable: str, text: str) -> None:
    """A variable that is there but says nothing is never passed over in silence."""
    with pytest.raises(OperationError, match=variable):
        passphrase({variable: text, "HOME": str(tmp_path)}, create=True)
    assert list(tmp_path.iterdir()) == []


def test_a_named_file_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    """It is not made, and no other passphrase is taken in its place."""
    with pytest.raises(OperationError, match="MOOTHALL_PASSPHRASE_FILE"):
        passphrase({"MOOTHALL_PASSPHRASE_FILE": str(tmp_path / "none"), "MOOTHALL_PASSPHRASE": LONG}, create=True)


def test_the_own_file_is_made_once_and_private(tmp_path: Path) -> None:
    """256 random bits in base32, mode 0600, the same the second time."""
    home = {"XDG_CONFIG_HOME": str(tmp_path)}
    first = passphrase(home, create=True)
    path = tmp_path / "moothall" / "passphrase"
    assert len(first) == 52
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert passphrase(home, create=False) == passphrase(home, create=True) == first


def test_two_homes_have_two_passphrases(tmp_path: Path) -> None:
    """What is made is random."""
    made = {passphrase({"XDG_CONFIG_HOME": str(tmp_path / name)}, create=True) for name in "ab"}
    assert len(made) == 2


def test_without_a_variable_the_file_lies_in_the_users_configuration() -> None:
    """XDG_CONFIG_HOME if set and not empty, else ~/.config."""
    assert own_file({"HOME": "/home/ada", "XDG_CONFIG_HOME": ""}) == Path("/home/ada/.config/moothall/passphrase")


def test_a_missing_own_file_names_the_remedy(tmp_path: Path) -> None:
    """Without `create` nothing is written."""
    with pytest.raises(OperationError) as refused:
        passphrase({"HOME": str(tmp_path)}, create=False)
    assert "MOOTHALL_PASSPHRASE_FILE" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


def test_an_own_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """The mend is the chmod."""
    home = {"XDG_CONFIG_HOME": str(tmp_path)}
    passphrase(home, create=True)
    own_file(home).chmod(0o640)
    with pytest.raises(OperationError) as refused:
        passphrase(home, create=False)
    assert refused.value.hint == f"chmod 600 {own_file(home)}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
@pytest.mark.parametrize("variable", FILE_VARIABLES)
def test_a_named_file_that_others_may_open_is_refused_too(tmp_path: Path, variable: str, mode: int) -> None:
    """Whoever names it, and whoever the others are."""
    file = tmp_path / "passphrase"
    file.write_text(LONG)
    file.chmod(mode)
    with pytest.raises(OperationError, match=variable) as refused:
        passphrase({variable: str(file)}, create=False)
    assert refused.value.hint == f"chmod 600 {file}"
    file.chmod(0o400)
    assert passphrase({variable: str(file)}, create=False) == LONG


def test_a_passphrase_may_come_through_a_pipe() -> None:
    """`MOOTHALL_PASSPHRASE_FILE=<(a password manager)`: a pipe is open to nobody else."""
    reading, writing = os.pipe()
    os.write(writing, LONG.encode())
    os.close(writing)
    try:
        assert passphrase({"MOOTHALL_PASSPHRASE_FILE": f"/dev/fd/{reading}"}, create=False) == LONG
    finally:
        os.close(reading)
