"""What a change of the definitions does, told by the real command line from a real git repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.review.conftest import DAY, Project, new_council

from moothall.failures import CHANGES, FAILED, INVALID, OK, REFUSED, USAGE

ALSTON, BARTON, PARTNERSHIP = "councils/alston.yaml", "councils/barton.yaml", "partnership.yaml"


def effects(view: dict[str, list[dict]]) -> dict[str, str]:
    """Return what becomes of each object on an engine: the step and its effect."""
    return {
        step["name"]: f"{step['op']} {step['effect']}"
        for stack in view["stacks"]
        for step in stack["steps"]
        if step["type"].startswith("docker:")
    }


def test_one_councils_change_is_its_own(project: Project) -> None:
    """Another network for Alston: what is made again, for whom, because of which line, and who has to agree."""
    project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")

    view = project.view("diff", "HEAD")

    assert effects(view) == {
        "dales.alston.hill.network": "replace replace",
        "dales.alston.hill.ledger-gateway": "update in-place",
        "dales.alston.hill.ledger-relay": "replace restart",
        "dales.alston.vale.ledger-gateway": "update in-place",
    }
    assert {step["council"] for stack in view["stacks"] for step in stack["steps"]} == {"alston"}
    cause = {
        "path": "partnerships/dales/councils/alston.yaml",
        "line": 10,
        "revision": "head",
        "route": "spec.network",
        "before": "10.1.8.0/24",
        "after": "10.1.9.0/24",
    }
    assert [stack["lines"] for stack in view["stacks"]] == [[cause], [cause]]
    assert [stack["agreement"] for stack in view["stacks"]] == [["alston"], ["alston", "barton"]]
    assert view["summary"] == {"create": 0, "update": 2, "replace": 2, "delete": 0, "same": view["summary"]["same"]}


def test_the_whole_text(project: Project) -> None:
    """For people at a terminal: by council, with the lines behind it, the lines of the objects, and the sum."""
    project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")
    commit = project.git("rev-parse", "HEAD")[:12]
    file = "partnerships/dales/councils/alston.yaml"

    ran = project.ask("diff", "HEAD", "--council", "alston")

    assert (ran.returncode, ran.stderr) == (OK, "")
    assert (
        ran.stdout
        == f"""\
HEAD ({commit}) → the working tree, as of 2008-06-01

alston in dales
needs the agreement of alston, barton
because of {file}:10 spec.network: 10.1.8.0/24 → 10.1.9.0/24

  dales.alston.hill
    ± network network [ipamConfigs] replaced ({file}:4)
    ~ container ledger-gateway [uploads] changed in place ({file}:12)
    ± container ledger-relay [networksAdvanced] restarts ({file}:12)

  dales.alston.vale
    ~ container ledger-gateway [uploads] changed in place ({file}:12)

2 to update, 2 to replace; {project.view("diff", "HEAD")["summary"]["same"]} unchanged.
"""
    )


def test_a_huge_file_of_a_commit_is_not_held(project: Project) -> None:
    """A blob larger than a definition may be is refused as the file would be, whatever the working tree holds."""
    project.file("councils/eden.yaml").write_bytes(b"# " + b"x" * (3 << 20))
    head = project.commit("Huge")
    project.file("councils/eden.yaml").unlink()

    ran = project.ask("diff", f"HEAD~1..{head}")

    assert ran.returncode == INVALID
    assert "partnerships/dales/councils/eden.yaml:1:1: error[file-too-large]" in ran.stdout


def test_what_was_planned_falls_due(project: Project) -> None:
    """A date in the place of `planned`: the tenant is created and the reader hears that it was agreed."""
    project.edit(BARTON, "planned: true", "from: 2007-01-01")

    view = project.view("diff", "HEAD")

    assert set(effects(view).values()) == {"create none"}
    assert [(t["change"], t["council"], t["instance"], t["before"]) for t in view["planned"]] == [
        ("due", "barton", "ledger", None)
    ]


def test_what_becomes_planned_gets_a_date_or_is_dropped(project: Project) -> None:
    """Nothing that stands changes, and still the reader hears what is agreed."""
    project.edit(ALSTON, "finance: {}", "finance: {}\n        training-administration: {planned: true}")
    project.edit(PARTNERSHIP, "offers: [finance", "offers: [training-administration, finance")
    project.edit(BARTON, "planned: true", "from: 2009-01-01")

    view = project.view("diff", "HEAD")

    assert view["stacks"] == []
    assert [(t["change"], t["council"], t["module"], t["before"], t["after"]) for t in view["planned"]] == [
        ("planned", "alston", "training-administration", None, None),
        ("dated", "barton", None, None, "2009-01-01"),
    ]


def test_a_date_that_passes_is_a_change(project: Project) -> None:
    """The same files on two days."""
    view = project.view("diff", "HEAD", "--base-as-of", "2007-06-01")

    assert [stack["stack"] for stack in view["stacks"]] == ["dales.alston.hill"]
    assert effects(view) == {"dales.alston.hill.ledger-prepare": "replace restart"}
    assert [(t["change"], t["module"], t["before"]) for t in view["planned"]] == [("due", "procurement", "2008-01-01")]
    assert (view["base"]["asOf"], view["head"]["asOf"]) == ("2007-06-01", "2008-06-01")


def test_a_comment_changes_nothing(project: Project) -> None:
    """Comments, order and line endings are nobody's business."""
    text = project.file(ALSTON).read_text()
    project.file(ALSTON).write_text("# " + "x" * 40 + "\n" + text.replace("\n", "\r\n"), newline="")

    ran = project.ask("diff", "HEAD", "--detailed-exitcode")

    assert (ran.returncode, ran.stderr) == (OK, "")
    assert ran.stdout.endswith("\n\nNothing that stands changes.\n")


def test_changes_have_an_exit_code_of_their_own(project: Project) -> None:
    """With --detailed-exitcode, 2 means changes."""
    project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")

    assert project.ask("diff", "HEAD").returncode == OK
    assert project.ask("diff", "HEAD", "--detailed-exitcode").returncode == CHANGES


class TestRevisions:
    """Which two revisions are compared."""

    def test_two_commits_whatever_the_working_tree_holds(self, project: Project) -> None:
        """A dirty, even a broken working tree has no part in `A..B`, and is left as it is."""
        base = project.git("rev-parse", "HEAD")
        project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")
        wanted = project.view("diff", "HEAD")
        head = project.commit("Another network")
        project.file(BARTON).write_text("not: [a council")
        project.file("councils/eden.yml").write_text("stray")
        before = project.git("status", "--porcelain", "--untracked-files=all"), project.file(BARTON).stat()

        view = project.view("diff", f"{base}..{head}")

        assert (view["stacks"], view["summary"]) == (wanted["stacks"], wanted["summary"])
        assert (view["base"]["commit"], view["head"]["commit"]) == (base, head)
        assert before[0] == project.git("status", "--porcelain", "--untracked-files=all")
        assert before[1].st_mtime_ns == project.file(BARTON).stat().st_mtime_ns

    @pytest.mark.parametrize(
        ("words", "environment"),
        [
            ((), {}),
            (("main...HEAD",), {}),
            (("...HEAD",), {}),
            ((), {"GITHUB_BASE_REF": "release"}),
        ],
        ids=str,
    )
    def test_without_a_base_it_is_where_the_branch_left(
        self, project: Project, words: tuple[str, ...], environment: dict[str, str]
    ) -> None:
        """What happened on main since is not shown as if the branch took it back."""
        project.git("switch", "--quiet", "--create", "eden")
        new_council(project, "eden", 20)
        project.commit("Eden joins")
        project.git("switch", "--quiet", "main")
        project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")
        project.commit("Another network")
        project.git("update-ref", "refs/remotes/origin/release", "main")
        project.git("switch", "--quiet", "eden")

        view = project.view("diff", *words, **environment)

        assert {stack["council"] for stack in view["stacks"]} == {"eden"}

    def test_gitlab_names_the_base(self, project: Project) -> None:
        """CI_MERGE_REQUEST_DIFF_BASE_SHA is taken before any branch."""
        base = project.git("rev-parse", "HEAD")
        new_council(project, "eden", 20)
        project.commit("Eden joins")

        assert project.view("diff")["stacks"] == []
        view = project.view("diff", CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
        assert {stack["council"] for stack in view["stacks"]} == {"eden"}

    @pytest.mark.parametrize(
        ("words", "variable", "name", "hint"),
        [
            (("diff",), "GITHUB_BASE_REF", "release", "git fetch origin release"),
            (("diff", "..HEAD"), "GITHUB_BASE_REF", "x; touch it-ran", "git fetch origin 'x; touch it-ran'"),
            (("affected",), "CI_MERGE_REQUEST_DIFF_BASE_SHA", "1" * 40, f"git fetch origin {'1' * 40}"),
        ],
        ids=str,
    )
    def test_a_base_of_ci_that_git_does_not_have(
        self, project: Project, words: tuple[str, ...], variable: str, name: str, hint: str
    ) -> None:
        """Another base would show another change, so there is none: the reader hears what to fetch."""
        project.git("update-ref", "refs/remotes/origin/main", "main")
        project.git("branch", "release")

        ran = project.ask(*words, **{variable: name})

        assert (ran.returncode, ran.stdout) == (USAGE, "")
        assert hint in ran.stderr

    def test_a_file_that_git_does_not_know_counts(self, project: Project) -> None:
        """An untracked, even an ignored council is read by every verb, so it is a change."""
        (project.root / ".gitignore").write_text("eden.yaml\n")
        new_council(project, "eden", 20)

        assert {stack["council"] for stack in project.view("diff", "HEAD")["stacks"]} == {"eden"}

    def test_a_root_below_the_top_of_the_repository(self, project: Project) -> None:
        """Paths are below the root, wherever the repository begins."""
        (project.root / "below").mkdir()
        project.git("mv", "partnerships", "modules", "below")
        project.commit("Moved")
        project.root = project.root / "below"
        project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")

        [first, _] = project.view("diff", "HEAD")["stacks"]

        assert first["lines"][0]["path"] == "partnerships/dales/councils/alston.yaml"

    @pytest.mark.parametrize("name", ["nowhere", "HEAD~7", "nowhere..HEAD", "HEAD..nowhere", "HEAD:partnerships"])
    def test_a_revision_that_is_not_there(self, project: Project, name: str) -> None:
        """The reader hears which, and how to get it."""
        ran = project.ask("diff", name)

        assert (ran.returncode, ran.stdout) == (USAGE, "")
        assert "git knows no revision" in ran.stderr
        assert "git fetch --unshallow" in ran.stderr

    @pytest.mark.parametrize("left_out", ["blob:none", "tree:0"])
    def test_a_clone_that_leaves_things_out(self, project: Project, tmp_path: Path, left_out: str) -> None:
        """The reader hears which object is not there, and what gets it; nothing is fetched on the way."""
        blob = project.git("rev-parse", f"HEAD:partnerships/dales/{ALSTON}")
        tree = project.git("rev-parse", "HEAD^{tree}")
        project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")
        project.commit("Another network")
        project.git("config", "uploadpack.allowFilter", "true")
        project.git("clone", "--quiet", f"--filter={left_out}", f"file://{project.root}", str(tmp_path / "partial"))
        partial = Project(tmp_path / "partial")

        ran = partial.ask("diff", "HEAD~1..HEAD")

        assert (ran.returncode, ran.stdout) == (FAILED, "")
        assert (blob if left_out == "blob:none" else tree) in ran.stderr
        hint = ran.stderr.rpartition("hint: ")[2].split()
        assert hint == ["git", "fetch", "--refetch", "--no-filter", "origin"]
        partial.git(*hint[1:])
        assert partial.view("diff", "HEAD~1..HEAD") == project.view("diff", "HEAD~1..HEAD")

    def test_not_a_repository(self, project: Project) -> None:
        """Without git there is nothing to compare with."""
        (project.root / ".git").rename(project.root / "git")

        ran = project.ask("diff", "HEAD", GIT_CEILING_DIRECTORIES=str(project.root.parent))

        assert (ran.returncode, ran.stdout) == (USAGE, "")
        assert "is not in a git repository" in ran.stderr


BOUND = subprocess.run(
    ["git", "rev-parse", "--local-env-vars"], capture_output=True, encoding="ascii", check=True
).stdout.split()


class TestEnvironment:
    """A hook of git's, and whatever it starts, has variables that bind git to one repository."""

    def test_in_a_hook_of_a_linked_worktree(self, project: Project, tmp_path: Path) -> None:
        """With GIT_DIR alone git took the root for the top of the working tree: everything was to create."""
        (project.root / "infra").mkdir()
        project.git("mv", "partnerships", "modules", "infra")
        project.commit("Moved")
        project.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
        linked = Project(tmp_path / "linked" / "infra")
        linked.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")
        wanted = linked.view("diff", "HEAD")
        hook = project.root / ".git" / "hooks" / "pre-commit"
        words = ["diff", "HEAD", "--as-of", DAY, "--format", "json", "--root", str(linked.root)]
        hook.write_text(f"#!/bin/sh\nexec {sys.executable} -m moothall {' '.join(words)} > {tmp_path}/said\n")
        hook.chmod(0o755)

        linked.git("commit", "--quiet", "--all", "--message", "Another network")

        assert json.loads((tmp_path / "said").read_text()) == wanted

    def test_none_of_them_has_a_part(self, project: Project) -> None:
        """Whatever they say, the repository is that of the root."""
        project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")

        assert project.view("diff", "HEAD", **dict.fromkeys(BOUND, "/nowhere")) == project.view("diff", "HEAD")


class TestInvalid:
    """Definitions that do not pass, on either side."""

    def test_the_head(self, project: Project) -> None:
        """The findings of the head, as `validate` shows them."""
        project.edit(ALSTON, "site: hill", "site: hall")

        ran = project.ask("diff", "HEAD")

        assert ran.returncode == INVALID
        assert ran.stderr == "the head, the working tree, is not valid\n"
        assert ran.stdout == project.ask("validate").stdout

    def test_only_the_base(self, project: Project) -> None:
        """The change that mends it hears that it is the base, and that its own side is well."""
        project.edit(ALSTON, "site: hill", "site: hall")
        base = project.commit("Broken")
        project.edit(ALSTON, "site: hall", "site: hill")

        ran = project.ask("diff", "HEAD")

        assert ran.returncode == INVALID
        assert ran.stderr == f"the base, HEAD ({base[:12]}), is not valid; the head is valid\n"
        assert "partnerships/dales/councils/alston.yaml:9:9: error[unknown-site]" in ran.stdout

    def test_what_is_wrong_with_a_lifted_base(self, project: Project) -> None:
        """A base of an older language is no mistake; what else is wrong with it is one, at its line."""
        project.edit(PARTNERSHIP, "published-port: 8443", "desk-port: 80")
        project.commit("Broken")
        project.edit(PARTNERSHIP, "desk-port: 80", "published-port: 8443")

        ran = project.ask("diff", "HEAD")

        assert ran.returncode == INVALID
        assert ran.stdout.count("error[") == 1
        assert 'partnerships/dales/partnership.yaml:25:23: error[wrong-value]: "80" is not a port' in ran.stdout

    def test_a_base_that_is_no_yaml(self, project: Project) -> None:
        """A file of the base that cannot be parsed is a finding like any other."""
        text = project.file(ALSTON).read_text()
        project.file(ALSTON).write_bytes(b"spec: [\xff")
        project.commit("Broken")
        project.file(ALSTON).write_text(text)

        ran = project.ask("diff", "HEAD", "--format", "markdown")

        assert ran.returncode == INVALID
        assert ran.stdout.startswith("<!-- moothall diff -->\n### The definitions at `HEAD")
        assert "`file-encoding`" in ran.stdout


class TestAnOlderLanguage:
    """A base in words that have changed since."""

    @pytest.fixture
    def older(self, project: Project) -> Project:
        """The Dales as they were written for the first version, committed; today's are in the working tree."""
        today = {name: project.file(name).read_text() for name in (PARTNERSHIP, ALSTON)}
        project.edit(PARTNERSHIP, "published-port: 8443", "desk-port: 8443")
        project.edit(PARTNERSHIP, "local-access: ", "desk: ")
        project.edit(PARTNERSHIP, "keep: {full: 2}", "keep-full: 2")
        for name in today:
            project.edit(name, "moothall/v1", "moothall/v1alpha1")
        project.commit("Before")
        for name, text in today.items():
            project.file(name).write_text(text)
        return project

    def test_other_words_are_no_change(self, older: Project) -> None:
        """Nobody is asked to agree to what `moothall migrate` writes."""
        view = older.view("diff", "HEAD", "--detailed-exitcode")

        assert (view["stacks"], view["terms"], view["planned"]) == ([], [], [])

    def test_what_changed_besides_is_told(self, older: Project) -> None:
        """By the word of today, from the value that it had."""
        older.edit(PARTNERSHIP, "published-port: 8443", "published-port: 8543")

        lines = [line for stack in older.view("diff", "HEAD")["stacks"] for line in stack["lines"]]

        told = {(line["line"], line["route"], line["before"], line["after"]) for line in lines}
        assert told == {(25, "spec.instances.ledger.published-port", "8443", "8543")}

    def test_the_head_is_held_to_the_language_of_today(self, older: Project) -> None:
        """It is what will hold; it says what `validate` says."""
        older.git("checkout", "--quiet", "--", ".")

        ran = older.ask("diff", "HEAD")

        assert (ran.returncode, ran.stdout) == (INVALID, older.ask("validate").stdout)


class TestPolicy:
    """What a single change may not do unless the definition says so."""

    def test_data_is_not_lost_in_passing(self, project: Project) -> None:
        """A backup target that goes takes the backups with it: refused, until spec.policy names the instance."""
        line = next(line for line in project.file(PARTNERSHIP).read_text().splitlines(True) if "backup:" in line)
        project.edit(PARTNERSHIP, line, "")

        view = project.view("diff", "HEAD", code=REFUSED)

        assert effects(view)["dales.ledger.vale.backups"] == "delete data-loss"
        assert view["refusals"] == [
            "dales.ledger.vale would lose the data in dales.ledger.vale.backups; if that is meant, name ledger in "
            "spec.policy.data-loss of partnerships/dales/partnership.yaml"
        ]
        project.edit(PARTNERSHIP, "  domain:", "  policy: {data-loss: [ledger]}\n  domain:")
        assert project.view("diff", "HEAD")["refusals"] == []

    def test_not_too_much_at_once(self, project: Project) -> None:
        """More objects than the policy lets go, and the policy that lets them."""
        for number, name in enumerate(("eden", "swale"), start=20):
            new_council(project, name, number)
        project.commit("Two join")
        for name in ("eden", "swale", "alston"):
            project.edit(f"councils/{name}.yaml", "until: 2010-01-01", "until: 2008-02-01")

        view = project.view("diff", "HEAD", code=REFUSED)

        gone = [effect for effect in effects(view).values() if effect.startswith("delete")]
        assert view["refusals"] == [
            f"{len(gone)} objects of dales would be destroyed, and a single change may destroy 10; if that is meant, "
            "raise spec.policy.destroy-at-most in partnerships/dales/partnership.yaml"
        ]
        project.edit(PARTNERSHIP, "  domain:", f"  policy: {{destroy-at-most: {len(gone)}}}\n  domain:")
        assert project.view("diff", "HEAD")["refusals"] == []

    def test_removing_a_file_is_no_permission(self, project: Project) -> None:
        """A council whose file is gone still stands, so the change is refused, as `up` would refuse it."""
        new_council(project, "eden", 20)
        project.commit("Eden joins")
        project.file("councils/eden.yaml").unlink()

        view = project.view("diff", "HEAD", code=REFUSED)

        assert any("removing it from the files is no permission to delete" in reason for reason in view["refusals"])
        assert {(stack["council"], stack["status"]) for stack in view["stacks"]} == {("eden", "refused")}

    def test_another_uid_is_another_council(self, project: Project) -> None:
        """A uid that changes under a standing council would change its passwords: refused, as `up` would refuse it."""
        project.edit(ALSTON, "5f0f0a02", "5f0f0a0f")

        view = project.view("diff", "HEAD", code=REFUSED)

        assert {(stack["council"], stack["status"]) for stack in view["stacks"]} == {("alston", "refused")}
        assert "the uid of alston would change while it stands" in view["refusals"][0]

    def test_a_network_in_use_is_made_again_with_its_users(self, project: Project) -> None:
        """A link with another address: the containers of other stacks that are on it are recreated, and said to be."""
        project.edit(PARTNERSHIP, "10.99.9.0/24", "10.99.8.0/24")

        view = project.view("diff", "HEAD")

        made_anew = {
            step["name"]: step["diff"] for stack in view["stacks"] for step in stack["steps"] if step["op"] == "replace"
        }
        assert view["refusals"] == []
        assert made_anew.pop("dales.hill.link-hill-vale") == ["ipamConfigs"]
        assert {name.split(".")[1] for name in made_anew} >= {"ledger", "alston"}
        assert set(map(tuple, made_anew.values())) <= {("labels",), ("labels", "uploads")}

    def test_a_moved_mirror_leaves_its_data(self, project: Project) -> None:
        """A stack that goes leaves its data volumes on the engine: no loss, and the reader hears where they are."""
        project.edit(PARTNERSHIP, "mirror: {site: vale, network: 10.3.1.0/24}", "")
        project.edit(PARTNERSHIP, "backup: {site: vale, ", "backup: {site: pass, network: 10.2.1.0/24, ")
        project.edit(PARTNERSHIP, "  domain:", "  policy: {destroy-at-most: 40}\n  domain:")

        view = project.view("diff", "HEAD")

        kept = {stack["stack"]: stack["kept"] for stack in view["stacks"] if stack["kept"]}
        assert kept == {"dales.ledger.vale": ["dales.ledger.vale.backups", "dales.ledger.vale.data"]}


def test_a_selection_narrows_what_is_shown(project: Project) -> None:
    """Only the council asked for; a name that neither side knows is refused with the nearest."""
    project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")
    project.edit(BARTON, "planned: true", "from: 2007-01-01")

    view = project.view("diff", "HEAD", "--council", "barton", "--site", "vale")

    assert [stack["stack"] for stack in view["stacks"]] == ["dales.barton.vale"]
    ran = project.ask("diff", "HEAD", "--council", "bartom")
    assert (ran.returncode, ran.stdout) == (USAGE, "")
    assert "--council barton" in ran.stderr


def test_nothing_heavy_is_loaded(project: Project) -> None:
    """No engine, no key, no network: what could reach them is not even loaded."""
    project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")
    program = (
        "import sys; from moothall.cli import main; code = main(sys.argv[1:]); "
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    words = ["diff", "HEAD", "--as-of", "2008-06-01", "--root", str(project.root)]
    ran = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, encoding="utf-8", check=False)

    assert ran.returncode == OK
    assert not set(ran.stderr.split()) & {
        "pulumi",
        "docker",
        "cryptography",
        "moothall.pulumi_engine",
        "moothall.keys",
        "ssl",
    }


def test_digests_of_any_length(project: Project) -> None:
    """A repository with SHA-256 names its blobs by longer digests."""
    shutil.rmtree(project.root / ".git")
    project.git("init", "--quiet", "--object-format=sha256")
    project.commit("The Dales")
    new_council(project, "eden", 20)
    project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")

    assert {stack["council"] for stack in project.view("diff", "HEAD")["stacks"]} == {"alston", "eden"}


def test_a_hostile_repository_runs_nothing(project: Project) -> None:
    """Attributes that a change brings along name programs; none of them is run."""
    marker = project.root / "ran"
    (project.root / ".gitattributes").write_text("*.yaml diff=evil filter=evil\n")
    project.git("config", "diff.evil.textconv", f"touch {marker}; cat")
    project.git("config", "diff.evil.command", f"touch {marker}")
    project.commit("Attributes")
    project.edit(ALSTON, "10.1.8.0/24", "10.1.9.0/24")

    assert project.view("diff", "HEAD")["stacks"]
    assert not os.path.exists(marker)
