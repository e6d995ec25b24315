"""The law behind the speed of a diff: what is compiled of the councils that changed is what the whole would say."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.review.conftest import DALES, DAY, Project, new_council

from moothall.cache import Cache
from moothall.compilation import compile_all
from moothall.diagnostics import has_errors
from moothall.language.git.revision import Repository
from moothall.review.comparison import StackReview, compare
from moothall.revisions import Side, revisions
from moothall.validation.validate import validate

ON = date.fromisoformat(DAY)
EDITS = (
    ("councils/alston.yaml", "10.1.8.0/24", "10.1.9.0/24"),
    ("councils/alston.yaml", "until: 2010-01-01", "until: 2008-02-01"),
    ("councils/alston.yaml", "Alston Council", "Alston Moor Council"),
    ("councils/alston.yaml", "        procurement: {from: 2008-01-01}\n", ""),
    ("councils/barton.yaml", "planned: true", "from: 2007-01-01"),
    ("councils/barton.yaml", "joined: 2006-10-10", "joined: 2006-11-10"),
    ("partnership.yaml", "published-port: 8443", "published-port: 8543"),
    ("partnership.yaml", "every: 1h", "every: 2h"),
    ("partnership.yaml", "domain: dales.test", "domain: moors.test"),
    ("partnership.yaml", "    - {between: [hill, vale], network: 10.99.9.0/24}\n", ""),
)
JOINING = ("eden", "swale")


def reviewed(root: Path) -> tuple[StackReview, ...]:
    """Return what a diff of the working tree finds."""
    repository = Repository(root)
    base, head = Side("HEAD", repository.commit("HEAD"), ON), Side("the working tree", None, ON)
    pairs = revisions(repository, base, head, Cache(None)).pairs
    return tuple(
        review for pair in pairs for review in compare(pair.base, pair.head, pair.units, ON).stacks if review.steps
    )


@settings(max_examples=20, deadline=None)
@given(edits=st.sets(st.sampled_from(EDITS)), joining=st.sets(st.sampled_from(JOINING)))
def test_the_part_says_what_the_whole_says(edits: set[tuple[str, str, str]], joining: set[str]) -> None:
    """For any edits of any files: the same stacks, the same steps, the same reasons."""
    with TemporaryDirectory() as folder:
        project, before = Project(Path(folder) / "project"), Path(folder) / "before"
        shutil.copytree(DALES, project.root)
        project.git("init", "--quiet")
        project.commit("The Dales")
        shutil.copytree(project.root, before, ignore=shutil.ignore_patterns(".git"))
        for name in joining:
            new_council(project, name, 20 + JOINING.index(name))
        for name, old, new in edits:
            project.edit(name, old, new)
        base, head = validate(before, ON), validate(project.root, ON)
        assert not has_errors([*base.diagnostics, *head.diagnostics])

        [old_plan], [new_plan] = compile_all(base.definitions, ON), compile_all(head.definitions, ON)
        units = {"alston", "barton", "ledger", "hill", "pass", "vale", *joining}
        assert reviewed(project.root) == compare(old_plan, new_plan, units, ON).stacks
