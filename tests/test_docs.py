"""What the documentation names is there: files, headings, verbs and options; and so are the verbs in advice."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from moothall import cli, paths
from moothall.failures import OK

ROOT = paths.PROJECT
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")])
SOURCES = sorted((ROOT / "src").rglob("*.py"))
LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]+))?\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
WORD = re.compile(r"[^\s`\"'(),;=|]+")
PATH = re.compile(r"\.?[\w.-]+(/[\w.-]+)*/?")
ENDING = re.compile(r"\.(json|lock|md|mod|py|sh|toml|txt|ya?ml)$")
COMMAND = re.compile(r"moothall ([a-z]+)\b((?:[ =|,\[\]]+[^\s`|#;)\]>]+)*)")
PLACES = ("", "src/moothall/", "src/moothall/pulumi_engine/", "images/postgres/", "images/tryton/")
"""Where a path in a sentence may begin: a walk through the rooms says `check/`, not `src/moothall/check/`."""
ELSEWHERE = re.compile(
    r"""
    [\d./]+                                    # networks and days
    | origin/main | moothall/v1\w*             # a branch, a version of the language
    | \.venv/.* | \.venv | \.moothall | \.git  # made on each machine
    | councils(/.*)? | partnerships/dales/.* | stacks/engines\.yaml | extract/.*  # what people write
    | manifest\.json | proof\.\w+ | definitions  # in an export
    | \.json | \.md                            # endings
    | pkg/backend/.*                           # Pulumi's own source
    """,
    re.VERBOSE,
)
"""What looks like a file of this repository and is none."""


def show(path: Path) -> str:
    """Return a path as a test's name."""
    return str(path.relative_to(ROOT))


def heading_id(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it."""
    own = re.match(r'<a id="(.+?)">', heading)
    return own[1] if own else re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=show)
def test_links_lead_somewhere(page: Path) -> None:
    """To a file, and to a heading of it."""
    for path, anchor in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{path} is not there"
        if anchor:
            headings = re.findall(r"(?m)^#+ (.+)$", target.read_text(encoding="utf-8"))
            assert anchor in [heading_id(heading) for heading in headings], f"{path} has no heading {anchor}"


@cache
def tracked() -> frozenset[str]:
    """Return the files and folders of the repository, by path, and the files by name as well."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout.split()
    return frozenset(str(each) for file in map(Path, files) for each in (file, file.name, *file.parents))


def named(page: Path) -> Iterator[str]:
    """Yield the words in code on a page that look like a file or a folder of this repository."""
    for code in CODE.findall(page.read_text(encoding="utf-8")):
        for word in WORD.findall(code.strip("`")):
            path = word.rstrip(".:").removesuffix("/")
            if PATH.fullmatch(path) and ("/" in word or ENDING.search(path)) and not ELSEWHERE.fullmatch(path):
                yield path


@pytest.mark.parametrize("page", PAGES, ids=show)
def test_files_in_sentences_are_there(page: Path) -> None:
    """As they are written: from the root, from the rooms of the program, or beside the page."""
    places = (*PLACES, f"{page.parent.relative_to(ROOT)}/")
    assert [path for path in named(page) if not any(f"{place}{path}" in tracked() for place in places)] == []


@cache
def help_of(verb: str) -> str:
    """Return the help of a verb, asked for as people do: whatever another test left in this process is not in it."""
    done = subprocess.run([sys.executable, "-m", "moothall", verb, "--help"], capture_output=True, encoding="utf-8")
    assert done.returncode == OK, done.stderr
    return done.stdout


def wrong(text: str) -> Iterator[str]:
    """Yield each verb and option in commands of a text that the command line does not have."""
    for verb, rest in COMMAND.findall(text):
        words = re.split(r"[ =|,\[\]]+", rest.strip(" =|,[]"))
        own = [words[0]] if verb in ("drill", "keys", "site", "state") and words[0].islower() else []
        asked = [*own, *(word for word in words if word.startswith("--"))]
        if verb not in cli.VERBS:
            yield f"moothall {verb}"
        else:
            yield from (f"moothall {verb} {word}" for word in asked if not re.search(rf"{word}\b", help_of(verb)))


def test_what_is_not_there_is_noticed() -> None:
    """The laws below can be broken: a verb, an option, what a verb does."""
    text = (
        "moothall vlidate; moothall up --with-data\nmoothall keys rotte --yes, moothall drill restore crm --council A"
    )

    assert [*wrong(text)] == ["moothall vlidate", "moothall up --with-data", "moothall keys rotte"]


@pytest.mark.parametrize("page", PAGES, ids=show)
def test_commands_on_pages_are_ones_that_there_are(page: Path) -> None:
    """In sentences and in blocks."""
    code = "\n".join(found.strip("`") for found in CODE.findall(page.read_text(encoding="utf-8")))
    assert [*wrong(code)] == []


def texts(source: Path) -> Iterator[str]:
    """Yield the texts in a module, what is filled into one left out."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_commands_in_advice_are_ones_that_there_are() -> None:
    """Somebody types what a failure tells them."""
    said = [text for source in SOURCES for text in texts(source) if re.search(r"moothall [a-z]+ .*--", text)]
    assert len(said) > 20
    assert [bad for text in said for bad in wrong(text)] == []
