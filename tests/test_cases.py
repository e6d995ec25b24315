"""Every folder below cases/: the real command line must say about it what stands in it.

A valid case is a whole root. An invalid case is laid over the valid one called two-councils, so that it holds only
the files that differ. The rule that must speak stands in a comment on the offending line (`# error: rule-id` or
`# warning: rule-id`), or in `unmarked.txt` where no comment can stand; the whole text output stands in `expected.txt`.
Every case is looked at on the day AS_OF.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases"
BASE = CASES / "valid" / "two-councils"
AS_OF = "2008-06-01"
NOTES = shutil.ignore_patterns("expected.txt", "unmarked.txt")

Found = set[tuple[str, int, str, str]]
"""File, line, severity and rule."""


def folders(kind: str) -> list[Path]:
    """Return the cases of a kind, by name."""
    return sorted((CASES / kind).iterdir())


def validate(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the real command line on a root, with nothing of the caller's environment that could colour it."""
    command = [sys.executable, "-m", "moothall", "validate", "--as-of", AS_OF, "--root", str(root)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", env={"PYTHONUTF8": "1"}, check=False)


def found(text: str) -> Found:
    """Return what the text output says is wrong."""
    findings = re.findall(r"(?m)^(\S+?):(\d+):\d+: (\w+)\[(.+?)\]", text)
    return {(path, int(line), severity, rule) for path, line, severity, rule in findings}


def marked(case: Path) -> Iterator[tuple[str, int, str, str]]:
    """Yield every finding that the case asks for; what is not marked in the file is an error."""
    for file in sorted(case.rglob("*.y*ml")):
        text = file.read_bytes().decode("utf-8", "replace") if file.is_file() else ""
        for number, line in enumerate(text.split("\n"), start=1):
            for severity, rule in re.findall(r"# (error|warning): ([a-z-]+)(?= #|$)", line):
                yield file.relative_to(case).as_posix(), number, severity, rule
    unmarked = case / "unmarked.txt"
    for line in unmarked.read_text(encoding="utf-8").splitlines() if unmarked.exists() else ():
        place, rule = line.split(" ")
        path, number = place.rsplit(":", 1)
        yield path, int(number), "error", rule


@pytest.mark.parametrize("case", folders("valid"), ids=lambda case: case.name)
def test_a_valid_case_passes(case: Path) -> None:
    """A valid case has exit code 0, its expected text and nothing on stderr."""
    ran = validate(case)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == (case / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", folders("invalid"), ids=lambda case: case.name)
def test_an_invalid_case_is_found_out(case: Path, tmp_path: Path) -> None:
    """An invalid case has a finding on each marked line and on no other, and its expected text.

    The exit code is 3, or 0 if there are only warnings.
    """
    shutil.copytree(BASE, tmp_path, ignore=NOTES, dirs_exist_ok=True)
    shutil.copytree(case, tmp_path, ignore=NOTES, dirs_exist_ok=True)

    ran = validate(tmp_path)

    wanted = set(marked(case))
    errors = any(severity == "error" for _, _, severity, _ in wanted)
    assert (ran.returncode, ran.stderr) == (3 if errors else 0, "")
    assert found(ran.stdout) == wanted
    assert ran.stdout == (case / "expected.txt").read_text(encoding="utf-8")
