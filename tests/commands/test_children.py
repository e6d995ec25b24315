"""What the programs that moothall starts are told: not the passphrase, which none of them needs, nor the address of a
backend with its password, which Pulumi's CLI alone is told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from tests.commands.front_door import sound_root

from moothall import paths
from moothall.environment import BACKEND, SECRETS
from moothall.pulumi_cli.command import Command
from moothall.pulumi_cli.installation import PLUGIN_VERSION

PHRASE = "a passphrase of the tests"
PASSWORD = "hunter2"
ENGINES = (
    "apiVersion: moothall/v1\nkind: Engines\nspec: {engines: {far: {endpoint: ssh://a@host.invalid, sites: [hill]}}}\n"
)


def overheard(tmp_path: Path, child: str, *words: str) -> str:
    """Run moothall with another program in the place of `child`; return the environment that it was started with."""
    heard, place = tmp_path / "heard", tmp_path / "bin"
    place.mkdir()
    program = place / child
    program.write_text(f'#!/bin/sh\nenv > {heard}\nexec {shutil.which(child) or "false"} "$@"\n')
    program.chmod(0o755)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "MOOTHALL_PASSPHRASE_FILE"},
        **dict.fromkeys(SECRETS, PHRASE),
        BACKEND: f"postgres://somebody:{PASSWORD}@db.invalid/states",
        "PATH": f"{place}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "MOOTHALL_PULUMI": str(tmp_path),
    }
    command = [sys.executable, "-m", "moothall", *words]
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    return heard.read_text()


def test_git_is_not_told(tmp_path: Path) -> None:
    """`diff` asks it for the other side."""
    said = overheard(tmp_path, "git", "diff", "--root", str(sound_root(tmp_path)))
    assert PHRASE not in said
    assert PASSWORD not in said


def test_ssh_is_not_told(tmp_path: Path) -> None:
    """`doctor` knocks at every engine."""
    engines = tmp_path / "engines.yaml"
    engines.write_text(ENGINES)
    words = ("--root", str(sound_root(tmp_path)), "--engines", str(engines), "--state", str(tmp_path / "state"))
    said = overheard(tmp_path, "ssh", "doctor", *words)
    assert PHRASE not in said
    assert PASSWORD not in said


def test_pulumi_is_not_told(tmp_path: Path) -> None:
    """Its CLI gets a file that only this user can read, and its plug-ins inherit what it has."""
    plugin = tmp_path / "plugins" / f"resource-docker-v{PLUGIN_VERSION}" / "pulumi-resource-docker"
    plugin.parent.mkdir(parents=True)
    plugin.touch(0o755)
    words = ("--engine", "pulumi", "--root", str(sound_root(tmp_path)), "--state", str(tmp_path / "state"))
    assert PHRASE not in overheard(tmp_path, "pulumi", "preview", *words)


def test_what_pulumi_writes_is_this_users_alone(tmp_path: Path) -> None:
    """Whatever the umask is."""
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\n[ "$1" = version ] && echo v3.256.0 && exit\nmkdir folder && touch folder/file\n')
    program.chmod(0o755)
    former = os.umask(0)
    try:
        Command(program, threading.Event(), 60).run(["preview"], str(tmp_path), {})
    finally:
        os.umask(former)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("folder", "folder/file")]
    assert modes == [0o700, 0o600]


def test_what_is_not_handed_on_is_still_known(tmp_path: Path) -> None:
    """It opens what there is, by either variable."""
    for name in SECRETS:
        free = {key: value for key, value in os.environ.items() if "PASSPHRASE" not in key}
        environment = {**free, name: PHRASE, "HOME": str(tmp_path)}
        words = ["doctor", "--root", str(paths.PROJECT), "--state", str(tmp_path / "s"), "--format", "json"]
        command = [sys.executable, "-m", "moothall", *words]
        ran = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
        status = {result["id"]: result["status"] for result in json.loads(ran.stdout)["results"]}

        assert status["passphrase"] == "passed"


def test_doctor_says_that_a_passphrase_is_unfit_before_it_is_needed(tmp_path: Path) -> None:
    """The first `up` would refuse a file that others may read, not make another in its place."""
    file = tmp_path / "passphrase"
    file.write_text(PHRASE)
    file.chmod(0o644)
    free = {key: value for key, value in os.environ.items() if "PASSPHRASE" not in key}
    words = ["doctor", "--root", str(paths.PROJECT), "--state", str(tmp_path / "state"), "--format", "json"]
    command = [sys.executable, "-m", "moothall", *words]
    environment = {**free, "HOME": str(tmp_path), "MOOTHALL_PASSPHRASE_FILE": str(file)}
    ran = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    [found] = [result for result in json.loads(ran.stdout)["results"] if result["id"] == "passphrase"]

    assert (found["status"], found["hint"]) == ("failed", f"chmod 600 {file}")
