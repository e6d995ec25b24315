"""Completion in real shells, and the names that it asks for."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from moothall import __version__, cli
from moothall.commands.definitions import validate
from moothall.failures import OK, USAGE
from moothall.model.name import LONGEST, PATTERN

PROJECT = Path(__file__).parents[2]
BASE = PROJECT / "tests" / "cases" / "valid" / "two-councils"


def completion(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the real command line."""
    command = [sys.executable, "-m", "moothall", "completion", *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture
def path(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which `moothall` is found."""
    program = tmp_path / "bin" / "moothall"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m moothall "$@"\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}


def complete(path: dict[str, str], *words: str) -> list[str]:
    """Return what bash offers for the last of the words."""
    program = (
        "source <(moothall completion bash); "
        f"COMP_WORDS=(moothall {' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words)}; "
        '_moothall; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    command = ["bash", "--norc", "-u", "-c", program]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", env=path, cwd=BASE, check=False)
    assert ran.stderr == ""
    return ran.stdout.split()


CLEAR = "\x15"
"""Ctrl-U: what stands at the prompt is taken away."""

HOSTILE = (
    "$(touch${IFS}it-ran)",
    "`touch${IFS}it-ran`",
    "x;touch it-ran;",
    "<(touch it-ran)",
    "(touch it-ran)",
    "$((a[$(touch it-ran)]))",
    "${x:-$(touch it-ran)}",
    "'$(touch it-ran)'",
    '"$(touch it-ran)"',
    "*(e:'touch it-ran':)",
    "x\n$(touch it-ran)",
    "-x$(touch it-ran)",
    "*",
)


def shell_command(shell: str, folder: Path) -> list[str]:
    """Return how a shell is started that has read the script and nothing else; its prompt is `ready> `."""
    if shell == "fish":
        prompt = "function fish_prompt; echo -n 'ready> '; end; function fish_greeting; end"
        return [
            "fish",
            "--no-config",
            "--interactive",
            "--init-command",
            f"moothall completion fish | source; {prompt}",
        ]
    begins = folder / ".zshrc"
    begins.write_text(f"source <(moothall completion {shell}); PS1='ready> '\n")
    return ["zsh", "-d", "-i"] if shell == "zsh" else ["bash", "--noprofile", "--rcfile", str(begins), "-i"]


def typed_at(shell: str, path: dict[str, str], here: Path, *typed: tuple[str, str]) -> list[str]:
    """Return the screens of a real prompt: after each text that is typed, up to where the one awaited is."""
    keyboard, terminal = pty.openpty()
    home = Path(path["HOME"])
    env = {**path, "TERM": "xterm", "LC_ALL": "C.UTF-8", "ZDOTDIR": str(home), "HISTFILE": ""}
    command = ["setsid", "--ctty", *shell_command(shell, home)]
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, env=env, cwd=here) as process:
        os.close(terminal)
        try:
            screens = []
            for text, awaited in (("", "ready> "), *typed):
                os.write(keyboard, text.encode())
                screens.append(read_until(keyboard, awaited))
            return screens[1:]
        finally:
            process.kill()
            os.close(keyboard)


def read_until(keyboard: int, awaited: str) -> str:
    """Return what appears on a screen up to a text, without colours and movements; at most a minute is waited."""
    shown, deadline = b"", time.monotonic() + 60
    while awaited not in (
        screen := re.sub(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\a]*\a|[()=>].?)", "", shown.decode(errors="replace"))
    ):
        ready, _, _ = select.select([keyboard], [], [], max(deadline - time.monotonic(), 0))
        assert ready, f"{awaited!r} is not in {screen!r}"
        shown += os.read(keyboard, 4096)
    return screen


class TestBash:
    """What is offered where."""

    def test_verbs(self, path: dict[str, str]) -> None:
        """Every verb, and those that begin with what was typed."""
        assert complete(path, "") == [*cli.VERBS, "--help", "--version"]
        assert complete(path, "pre") == ["preview"]

    def test_options_of_the_verb(self, path: dict[str, str]) -> None:
        """Those that its parser has, where an option is begun or nothing else can come."""
        assert complete(path, "validate", "--f") == ["--format", "--fix"]
        assert complete(path, "up", "--ye") == ["--yes"]
        assert complete(path, "plan", "--ye") == []
        assert "--root" in complete(path, "plan", "")

    @pytest.mark.parametrize("words", [["--format", ""], ["--format", "="], ["--format", "=", ""]], ids=" ".join)
    def test_choices(self, path: dict[str, str], words: list[str]) -> None:
        """What an option chooses from with this verb; bash splits `--format=` at the sign."""
        assert complete(path, "validate", *words) == list(validate.USES.formats)

    def test_names_from_the_files(self, path: dict[str, str]) -> None:
        """Names of the definitions below --root, or here."""
        assert complete(path, "plan", "--council", "") == ["alston", "barton"]
        assert complete(path, "plan", "--council", "b") == ["barton"]
        assert complete(path, "plan", "--partnership", "") == ["dales"]
        assert complete(path, "plan", "--site", "") == ["hill", "pass", "vale"]
        assert complete(path, "plan", "--root", str(PROJECT), "--council", "wear") == ["wear-valley"]

    def test_words_in_turn(self, path: dict[str, str]) -> None:
        """A verb's own words by their place, whatever options stand between."""
        assert complete(path, "credentials", "") == ["alston", "barton"]
        assert complete(path, "credentials", "--format", "json", "alston", "") == ["ledger"]
        assert complete(path, "completion", "") == ["bash", "zsh", "fish"]

    def test_folders(self, path: dict[str, str]) -> None:
        """An option that takes a folder."""
        assert complete(path, "plan", "--root", "part") == ["partnerships"]


def test_fish(path: dict[str, str]) -> None:
    """Verbs, options, choices and names."""
    for line, offered in {
        "moothall pre": {"preview"},
        "moothall validate --fi": {"--fix"},
        "moothall schema pa": {"partnership"},
        "moothall plan --council ": {"alston", "barton"},
        "moothall credentials b": {"barton"},
    }.items():
        program = f"moothall completion fish | source; complete -C {shlex.quote(line)}"
        ran = subprocess.run(["fish", "-c", program], capture_output=True, encoding="utf-8", env=path, cwd=BASE)
        assert {each.split("\t")[0] for each in ran.stdout.splitlines()} == offered, line
        assert ran.stderr == ""


def test_zsh(path: dict[str, str]) -> None:
    """Verbs, options, choices and names at a real prompt."""
    offered = {
        "moothall unl": "unlock ",
        "moothall up --ye": "--yes ",
        "moothall schema pa": "partnership ",
        "moothall plan --council b": "barton ",
        "moothall plan --root=. --site h": "hill ",
    }
    screens = typed_at("zsh", path, BASE, *((f"{CLEAR}{line}\t", word) for line, word in offered.items()))

    assert len(screens) == len(offered)


class TestHostile:
    """What stands in files that somebody else wrote is never run: neither offered nor inserted."""

    @pytest.fixture
    def hostile(self, tmp_path: Path) -> Path:
        """Return a root as a branch may bring it: names of every kind that a shell might evaluate."""
        root = tmp_path / "root"
        shutil.copytree(BASE, root, ignore=shutil.ignore_patterns(".moothall"))
        for each in HOSTILE:
            folder = root / "partnerships" / each
            (folder / "councils").mkdir(parents=True)
            (folder / "councils" / f"{folder.name}.yaml").write_text("spec: {}\n")
            quoted = json.dumps(each)
            (folder / "partnership.yaml").write_text(f"spec: {{sites: {{{quoted}: 1}}, instances: {{{quoted}: 1}}}}\n")
            stacks = root / ".moothall" / ".pulumi" / "stacks" / "moothall"
            stacks.mkdir(parents=True, exist_ok=True)
            (stacks / f"{folder.name}.json").write_text("{}")
        return root

    @pytest.fixture
    def shameless(self, path: dict[str, str], tmp_path: Path) -> dict[str, str]:
        """Return an environment whose `moothall` offers hostile names: the script alone has to stand them."""
        program = tmp_path / "bin" / "moothall"
        names = "".join(f"{each}\n" for each in (*HOSTILE, "vale"))
        (tmp_path / "names").write_text(names)
        program.write_text(
            f'#!/bin/sh\ncase "$*" in *--names*) cat {shlex.quote(str(tmp_path / "names"))} ;;\n'
            f'*) exec {shlex.quote(sys.executable)} -m moothall "$@" ;; esac\n'
        )
        return path

    @pytest.mark.parametrize("kind", ["partnership", "council", "site", "instance", "stack"])
    def test_only_names_are_offered(self, hostile: Path, kind: str) -> None:
        """What cannot be a name in a sound definition is left out."""
        ran = completion("--names", kind, "--root", str(hostile))

        assert (ran.returncode, ran.stderr) == (OK, "")
        assert all(re.fullmatch(r"[a-z0-9-]+", each) for each in ran.stdout.splitlines())
        assert (kind == "stack") == (ran.stdout == "")

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_a_tab_runs_nothing(self, path: dict[str, str], hostile: Path, shell: str) -> None:
        """The key that every operator presses, in a root under review."""
        places = (
            ("plan --site", "vale"),
            ("explain", "barton"),
            ("plan --partnership", "dales"),
            ("verify --council", "barton"),
        )

        typed_at(shell, path, hostile, *((f"{CLEAR}moothall {words} \t\t", shown) for words, shown in places))

        assert not list(hostile.rglob("it-ran*"))

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_the_script_alone_runs_nothing(self, shameless: dict[str, str], hostile: Path, shell: str) -> None:
        """Even if names were not looked at before."""
        typed_at(shell, shameless, hostile, ("moothall plan --site \t\t", "vale"))

        assert not list(hostile.rglob("it-ran*"))

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_a_folder_is_inserted_in_quotes(self, path: dict[str, str], tmp_path: Path, shell: str) -> None:
        """A path that is completed and sent is one word, whatever it is called."""
        here = tmp_path / "here"
        (here / "$(touch it-ran)").mkdir(parents=True)

        said = f"moothall {__version__}"
        typed_at(shell, path, here, ("moothall plan --root \t\t", "it-ran"), ("\nmoothall --version\n", said))

        assert [each.name for each in here.iterdir()] == ["$(touch it-ran)"]


def test_a_name_is_what_the_schemas_call_one() -> None:
    """The pattern in the program is that of every schema."""
    schemas = [json.loads(file.read_text()) for file in (PROJECT / "schemas").glob("*.json")]
    names = [schema["$defs"]["name"] for schema in schemas if "name" in schema.get("$defs", {})]

    assert names
    assert {(each["pattern"], each["maxLength"]) for each in names} == {(f"^{PATTERN}$", LONGEST)}


def test_names_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    """Somebody at a prompt is not told about broken files."""
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    for name, data in (("broken", b"spec: [\n"), ("latin", b"\xff"), ("flat", b"spec: 1\n"), ("list", b"- 1\n")):
        (tmp_path / "partnerships" / name).mkdir()
        (tmp_path / "partnerships" / name / "partnership.yaml").write_bytes(data)

    for each, make in (("fifo", os.mkfifo), ("endless", lambda place: place.symlink_to("/dev/zero"))):
        (tmp_path / "partnerships" / each).mkdir()
        make(tmp_path / "partnerships" / each / "partnership.yaml")

    ran = completion("--names", "instance", "--root", str(tmp_path))

    assert (ran.returncode, ran.stdout, ran.stderr) == (OK, "ledger\n", "")


@pytest.mark.parametrize("words", [[], ["bash", "--names", "site"], ["tcsh"]], ids=" ".join)
def test_misuse_is_told(words: list[str]) -> None:
    """A shell or names, one of the two."""
    ran = completion(*words)

    assert (ran.returncode, ran.stdout) == (USAGE, "")
