"""The module catalogue: what is shipped, and what a root has of its own; each revision has its own."""

from __future__ import annotations

import shutil

from tests.review.conftest import Project

from moothall.failures import INVALID, OK

ALSTON, PARTNERSHIP = "councils/alston.yaml", "partnership.yaml"
ARCHERY = """\
apiVersion: moothall/v1
kind: Module
metadata: {name: archery, title: Archery}
spec:
  service: leisure
  needs: [finance]
  tryton: {modules: [project], proof-model: project.work}
"""


def own(project: Project, name: str, text: str) -> None:
    """Give the project a module of its own."""
    place = project.root / "modules" / name / "module.yaml"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def test_an_own_module_is_added_to_those_that_are_shipped(project: Project) -> None:
    """One own module hides none; what an own one needs may be shipped. The files are those of the root alone."""
    shutil.rmtree(project.root / "modules")
    files = project.view("validate")["summary"]["files"]
    own(project, "archery", ARCHERY)
    project.edit(PARTNERSHIP, "offers: [finance", "offers: [archery, finance")
    project.edit(ALSTON, "finance: {}", "finance: {}\n        archery: {}")

    assert (files, project.view("validate")["summary"]["files"]) == (3, 4)
    assert project.ask("plan").returncode == OK


def test_an_own_module_goes_before_a_shipped_one_of_its_name(project: Project) -> None:
    """A root may say for itself what a module is."""
    text = (project.root / "modules" / "finance" / "module.yaml").read_text()
    shutil.rmtree(project.root / "modules")
    shipped = project.ask("plan", "--format", "json").stdout
    own(project, "finance", text.replace("[account]", "[account_very_own]"))

    assert "account_very_own" in project.ask("plan", "--format", "json").stdout
    assert "account_very_own" not in shipped


def test_a_module_that_only_one_revision_has(project: Project) -> None:
    """Each side is compiled with the modules of its own revision, whatever the working tree has."""
    before = project.git("rev-parse", "HEAD")
    own(project, "archery", ARCHERY)
    project.edit(PARTNERSHIP, "offers: [finance", "offers: [archery, finance")
    project.edit(ALSTON, "finance: {}", "finance: {}\n        archery: {}")
    after = project.commit("Archery")
    project.git("switch", "--quiet", "--detach", before)
    shutil.rmtree(project.root / "modules")

    joined, left = project.view("diff", f"{before}..{after}"), project.view("diff", f"{after}..{before}")

    assert (
        {stack["council"] for stack in joined["stacks"]} == {stack["council"] for stack in left["stacks"]} == {"alston"}
    )
    assert project.ask("diff", f"{before}..{before}").stdout.endswith("Nothing that stands changes.\n")


def test_a_shipped_module_that_becomes_an_own_one(project: Project) -> None:
    """Without modules of its own a revision has those that are shipped, on either side."""
    text = (project.root / "modules" / "finance" / "module.yaml").read_text()
    shutil.rmtree(project.root / "modules")
    shipped = project.commit("All modules as shipped")
    own(project, "finance", text.replace("[account]", "[account_very_own]"))
    owned = project.commit("Finance of our own")

    to_own, to_shipped = project.view("diff", f"{shipped}..{owned}"), project.view("diff", f"{owned}..{shipped}")

    assert {stack["council"] for stack in to_own["stacks"]} == {"alston"}
    assert {stack["council"] for stack in to_shipped["stacks"]} == {"alston"}
    assert project.view("diff", shipped)["stacks"] == to_own["stacks"]


def test_a_module_that_is_gone_from_the_head(project: Project) -> None:
    """A commit is not lent the own modules of the working tree."""
    own(project, "archery", ARCHERY)
    project.edit(PARTNERSHIP, "offers: [finance", "offers: [archery, finance")
    project.commit("Archery")
    project.git("rm", "--quiet", "-r", "modules")
    gone = project.commit("No modules of our own")
    own(project, "archery", ARCHERY)

    ran = project.ask("diff", f"HEAD~1..{gone}")

    assert ran.returncode == INVALID
    assert 'there is no module "archery" in the catalogue' in ran.stdout
