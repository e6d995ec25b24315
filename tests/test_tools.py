"""What is no module of moothall and uses it: the scripts below tools, and the benchmarks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = [path for path in (ROOT / "tools").rglob("*") if path.is_file() and path.read_bytes().startswith(b"#!")]
BENCHMARKS = sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))


def imports(text: str) -> list[str]:
    """Return the lines by which a script's Python takes something from moothall."""
    return [line for line in text.splitlines() if line.startswith(("from moothall", "import moothall"))]


def test_scripts_are_looked_at() -> None:
    """There are some that take something from it."""
    assert any(imports(script.read_text()) for script in SCRIPTS)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_take_what_is_there(script: Path) -> None:
    """No type checker reads Python within a shell script."""
    _run("\n".join(imports(script.read_text())))


@pytest.mark.parametrize("name", BENCHMARKS)
def test_benchmarks_take_what_is_there(name: str) -> None:
    """They are run now and then, and what they measure is given other names meanwhile."""
    _run(f"import bench.{name}")


def _run(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
