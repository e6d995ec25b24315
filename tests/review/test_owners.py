"""Who agrees to what runs: CODEOWNERS leaves out what councils write and nothing else, and the ruleset asks for it."""

from __future__ import annotations

import json
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from tests.review.ci import WORKFLOWS, parsed

from moothall.language.files.listing import MODULE, kind_of
from moothall.paths import PROJECT

OWNERS = PROJECT / "CODEOWNERS"
RULESET = PROJECT / "examples" / "github-ruleset.json"


def owners_of(path: str, text: str) -> list[str]:
    """Return who owns a file by the text of a CODEOWNERS: the last line that matches it decides.

    Of the patterns of both code hosts these are known: `*`, a name at any depth, and a folder of the root, `/name/`.
    """
    owners: list[str] = []
    for pattern, *names in (line.split() for line in text.splitlines() if line and not line.startswith("#")):
        if pattern.startswith("/"):
            assert pattern.endswith("/")
            matches = path.startswith(pattern[1:])
        else:
            assert "/" not in pattern
            matches = fnmatchcase(path.rsplit("/", 1)[-1], pattern)
        owners = names if matches else owners
    return owners


def tracked() -> list[str]:
    """Return the files of this repository."""
    command = ["git", "-C", PROJECT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout.strip("\0").split("\0")


def is_data(path: str) -> bool:
    """Say whether a file is what councils write. A module says what a container loads, so it is none."""
    return kind_of(path) not in (None, MODULE)


def test_all_has_an_owner_but_what_councils_write() -> None:
    """Every file of the repository, by the rules that say what a definition is."""
    text = OWNERS.read_text(encoding="utf-8")
    paths = tracked()

    assert {path for path in paths if not owners_of(path, text)} == {path for path in paths if is_data(path)}


@pytest.mark.parametrize(
    "path",
    [
        "conftest.py",
        "a-new-folder/program",
        ".gitlab-ci.yml",
        ".gitmodules",
        ".github/CODEOWNERS",
        "partnerships/.gitattributes",
        "partnerships/dales/councils/.gitattributes",
        "stacks/engines.yaml",
        "modules/finance/module.yaml",
    ],
)
def test_what_a_change_may_add_has_an_owner(path: str) -> None:
    """A file at a place where something would run it, or where it would decide what others hold."""
    assert owners_of(path, OWNERS.read_text(encoding="utf-8"))


def test_without_its_first_line_much_is_nobodys() -> None:
    """The laws above can be broken."""
    text = OWNERS.read_text(encoding="utf-8").replace("* @", "*.none @", 1)
    assert owners_of("src/moothall/cli.py", text) == []
    assert owners_of("partnerships/x/councils/y.yaml", "* @a\n/partnerships/\n") == []


def test_there_is_one_file_of_owners() -> None:
    """GitHub takes the one in .github/ first, GitLab that of the root."""
    assert [path for path in tracked() if Path(path).name == "CODEOWNERS"] == ["CODEOWNERS"]


def rules() -> dict[str, Any]:
    """Return the parameters of each rule of the ruleset by its type."""
    ruleset = json.loads(RULESET.read_text(encoding="utf-8"))
    assert (ruleset["enforcement"], ruleset["bypass_actors"]) == ("active", [])
    assert ruleset["conditions"]["ref_name"] == {"include": ["~DEFAULT_BRANCH"], "exclude": []}
    return {rule["type"]: rule.get("parameters") for rule in ruleset["rules"]}


def test_the_ruleset_requires_what_judges_a_change() -> None:
    """By the names that jobs have, from GitHub's own runner, on a branch that has all of main."""
    names = {
        job["name"]
        for file in WORKFLOWS
        if "pull_request_target" in parsed(file)["on"]
        for job in parsed(file)["jobs"].values()
        if set(job["permissions"].values()) == {"read"}
    }
    checks = rules()["required_status_checks"]

    assert names == {check["context"] for check in checks["required_status_checks"]}
    assert {check["integration_id"] for check in checks["required_status_checks"]} == {15368}  # GitHub Actions
    assert checks["strict_required_status_checks_policy"] is True


def test_the_ruleset_asks_the_owners() -> None:
    """About the last push too; and nobody writes to main past a pull request."""
    asked = rules()["pull_request"]

    assert asked["required_approving_review_count"] >= 1
    wanted = ("require_code_owner_review", "require_last_push_approval", "dismiss_stale_reviews_on_push")
    assert all(asked[name] is True for name in wanted)
    assert {"deletion", "non_fast_forward"} <= rules().keys()
