"""The job that may write takes what it has for text: of this pull request, of moothall's form, of a bounded size."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.review.ci import Clone, scripts
from tests.review.conftest import Project

from moothall.failures import FAILED, OK

GH = """#!/bin/sh
# Answers as the command of GitHub does to the words that the job gives, and notes what is written.
case "$*" in
    "run download"*) cp "$HOME/artefact/comment.md" . ;;
    *"/pulls/17 --jq .head.sha") echo "$HEAD" ;;
    *--paginate*) printf '%s' "$OLD" ;;
    *--method*) { echo "$3 $4"; cat request; } >> "$HOME/written" ;;
    *) exit 9 ;;
esac
"""
MARKER = "<!-- moothall diff -->"
COMMIT = "c" * 40


@pytest.fixture
def clone(project: Project, tmp_path: Path) -> Clone:
    """Return a place in which the job runs, with that command."""
    place = tmp_path / "runner"
    (place / "bin").mkdir(parents=True)
    (place / "bin" / "gh").write_text(GH)
    (place / "bin" / "gh").chmod(0o755)
    (place / "artefact").mkdir()
    return Clone(project, place)


def write(clone: Clone, text: str, *, head: str = COMMIT, old: str = "") -> tuple[int, str]:
    """Run the job on a text that the first job left; return its exit code, and what it wrote."""
    (clone.place / "artefact" / "comment.md").write_text(text, encoding="utf-8")
    [script] = scripts("diff", "comment")
    variables = {"NUMBER": "17", "COMMIT": COMMIT, "REPOSITORY": "councils/moothall", "RUN": "1", "MARKER": MARKER}
    ran = clone.run(script, HEAD=head, OLD=old, LC_ALL="C.UTF-8", **variables)
    written = clone.place / "written"
    return ran.returncode, written.read_text(encoding="utf-8") if written.exists() else ""


@pytest.mark.parametrize(
    ("old", "request_line"),
    [
        ("", "POST repos/councils/moothall/issues/17/comments"),
        ("5\n6\n", "PATCH repos/councils/moothall/issues/comments/5"),
    ],
)
def test_a_comment_is_written_once_and_updated(old: str, request_line: str, clone: Clone) -> None:
    """The text is data of the request, whatever is in it."""
    text = f'{MARKER}\n"$(touch x)" `touch x`\n'
    code, written = write(clone, text, old=old)
    first, _, request = written.partition("\n")

    assert code == OK
    assert (first, json.loads(request)) == (request_line, {"body": text})
    assert not (clone.root / "x").exists()


@pytest.mark.parametrize(
    "text", ["Everybody has agreed.\n", f"\n{MARKER}\n", f"{MARKER}\n" + "ä" * 60_000], ids=["other", "late", "long"]
)
def test_another_text_is_not_written(text: str, clone: Clone) -> None:
    """Without the marker in its first line, or longer than a comment may be."""
    assert write(clone, text) == (FAILED, "")


def test_a_comment_of_the_longest_size_is_written(clone: Clone) -> None:
    """Characters are counted, not bytes."""
    code, written = write(clone, f"{MARKER}\n" + "ä" * (60_000 - len(MARKER) - 1))

    assert code == OK
    assert written


def test_what_was_said_of_an_older_commit_is_not_written(clone: Clone) -> None:
    """The pull request has another commit by now, which has a run of its own."""
    assert write(clone, f"{MARKER}\n", head="d" * 40) == (OK, "")
