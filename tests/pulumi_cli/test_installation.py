"""Looking for Pulumi's CLI and plug-in, and what is said when they are not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from moothall.pulumi_cli import PLUGIN_VERSION, NotInstalled, find

ROOT = Path(__file__).resolve().parents[2]


def moothall(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in the shipped definitions, with nothing but these in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "moothall", *words, "--root", str(ROOT)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "NO_COLOR": "1", **environment},
    )


def installed(folder: Path, *, plugin: bool = True) -> Path:
    """A folder as `tools/pulumi/install` leaves one."""
    program = folder / "bin" / "pulumi"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    if plugin:
        there = folder / "plugins" / f"resource-docker-v{PLUGIN_VERSION}" / "pulumi-resource-docker"
        there.parent.mkdir(parents=True)
        there.touch(0o755)
    return program


def test_without_the_cli_one_sentence_says_how_to_get_it(tmp_path: Path) -> None:
    """Exit 1, nothing touched, and the command that installs it."""
    state = tmp_path / "state"
    done = moothall("preview", "--partnership", "lgss", "--engine", "pulumi", "--state", str(state))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "moothall: Pulumi's CLI is not on this machine, and --engine pulumi needs it.\n"
        "  left: Nothing was touched.\n"
        "  hint: tools/pulumi/install  # or leave out --engine pulumi: the embedded engine needs nothing\n"
    )
    assert not state.exists()


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ("#!/bin/sh\nexit 1\n", "does not run"),
        ("\x7fELF of another machine", "does not run"),
        ("#!/bin/sh\necho v2.25.2\n", "is of another version"),
        ("#!/bin/sh\necho v4.0.0\n", "is of another version"),
    ],
)
def test_a_cli_that_is_no_use_is_as_good_as_none(tmp_path: Path, program: str, what: str) -> None:
    """It was made for another machine, is half installed, or somebody's own and old."""
    cli = installed(tmp_path / "here")
    cli.write_text(program)
    words = ("preview", "--partnership", "lgss", "--engine", "pulumi", "--state", str(tmp_path / "state"))
    done = moothall(*words, MOOTHALL_PULUMI=str(tmp_path / "here"), MOOTHALL_PASSPHRASE="a passphrase of the tests")

    assert (done.returncode, done.stderr) == (1, "")
    assert f"Pulumi's CLI in {cli} {what}, and --engine pulumi needs it. Nothing was touched." in done.stdout
    assert "tools/pulumi/install  # or leave out --engine pulumi" in done.stdout


def test_a_remote_backend_is_not_for_the_embedded_engine(tmp_path: Path) -> None:
    """A usage error that names both ways out; the address itself, which may hold a password, is not repeated."""
    for words, environment in ((["--backend", "s3://bucket"], {}), ([], {"MOOTHALL_BACKEND": "s3://bucket"})):
        state = str(tmp_path / "state")
        done = moothall("preview", "--partnership", "lgss", "--state", state, *words, **environment)

        assert done.returncode == 64, done
        assert "hint: add --engine pulumi, or leave them out" in done.stderr
        assert "bucket" not in done.stderr


def test_doctor_says_whether_it_is_there(tmp_path: Path) -> None:
    """Skipped when nobody asked for it, failed when somebody did, passed with the place when it is there."""
    installed(tmp_path / "here")
    for words, folder, status in (
        ([], "nowhere", "skipped"),
        (["--engine", "pulumi"], "nowhere", "failed"),
        ([], "here", "passed"),
    ):
        state = ["--state", str(tmp_path / "state"), "--format", "json"]
        done = moothall("doctor", *words, *state, MOOTHALL_PULUMI=str(tmp_path / folder))
        [found] = [result for result in json.loads(done.stdout)["results"] if result["id"] == "pulumi"]
        assert found["status"] == status, found


def test_the_folder_that_is_named_comes_first_and_alone(tmp_path: Path) -> None:
    """MOOTHALL_PULUMI names the folder; then the user's data; then the CLI on PATH with the user's plug-ins."""
    named, data, path = tmp_path / "named", tmp_path / "data", tmp_path / "path"
    for folder in (named, data / "moothall" / "pulumi", path):
        installed(folder)
    environ = {"XDG_DATA_HOME": str(data), "PATH": str(path / "bin"), "PULUMI_HOME": str(path)}

    assert find(environ | {"MOOTHALL_PULUMI": str(named)}).program == named / "bin" / "pulumi"
    assert find(environ).program == data / "moothall" / "pulumi" / "bin" / "pulumi"
    assert find(environ | {"XDG_DATA_HOME": os.devnull}).program == path / "bin" / "pulumi"
    with pytest.raises(NotInstalled, match="CLI is not"):
        find(environ | {"MOOTHALL_PULUMI": str(tmp_path / "empty")})


def test_the_cli_without_the_plug_in_is_not_enough(tmp_path: Path) -> None:
    """Pulumi would look for the plug-in on the internet; we say that it is not there."""
    installed(tmp_path, plugin=False)

    with pytest.raises(NotInstalled, match=rf"plug-in v{PLUGIN_VERSION} is not in {tmp_path}/plugins"):
        find({"MOOTHALL_PULUMI": str(tmp_path)})
