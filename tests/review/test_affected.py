"""Which stacks a change concerns, and why: as text, JSON and the matrix of a workflow."""

from __future__ import annotations

import json

from tests.review.conftest import Project, new_council


def test_every_stack_has_its_reason(project: Project) -> None:
    """Created, changed and removed stacks, each with the file and line that cause it."""
    new_council(project, "eden", 20)
    project.edit("councils/alston.yaml", "until: 2010-01-01", "until: 2008-02-01")

    stacks = {stack["stack"]: stack for stack in project.view("affected", "HEAD")["stacks"]}

    assert {name: stack["change"] for name, stack in stacks.items()} == {
        "dales.alston.hill": "changed",
        "dales.alston.vale": "removed",
        "dales.eden.hill": "created",
        "dales.eden.vale": "created",
    }
    assert [(line["path"], line["line"]) for line in stacks["dales.alston.vale"]["lines"]] == [
        ("partnerships/dales/councils/alston.yaml", 14)
    ]
    assert {line["path"] for line in stacks["dales.eden.vale"]["lines"]} == {"partnerships/dales/councils/eden.yaml"}


def test_a_shared_line_concerns_those_who_stand_on_it(project: Project) -> None:
    """A line about the instance is the cause for the instance and its tenants, not a line about another site."""
    project.edit("partnership.yaml", "every: 1h", "every: 2h")
    project.edit("partnership.yaml", "run-by: barton, ", "")

    stacks = {stack["stack"]: stack for stack in project.view("affected", "HEAD")["stacks"]}

    assert {name: [line["route"] for line in stack["lines"]] for name, stack in stacks.items()} == {
        "dales.ledger.vale": ["spec.instances.ledger.backup.every"]
    }


def test_a_module_concerns_who_uses_it(project: Project) -> None:
    """The catalogue is shared by all, but a module's file touches only the tenants that have it."""
    module = project.root / "modules" / "procurement" / "module.yaml"
    module.write_text(module.read_text().replace("modules: [", "modules: [party, "))

    stacks = {stack["stack"]: stack for stack in project.view("affected", "HEAD")["stacks"]}

    assert set(stacks) == {"dales.alston.hill"}
    assert {line["path"] for line in stacks["dales.alston.hill"]["lines"]} == {"modules/procurement/module.yaml"}


def test_the_matrix_is_one_line_of_what_can_be_previewed(project: Project) -> None:
    """As GitHub reads it; a stack that goes has no plan to preview by its name."""
    project.edit("councils/alston.yaml", "until: 2010-01-01", "until: 2008-02-01")
    project.edit("partnership.yaml", "every: 1h", "every: 2h")

    ran = project.ask("affected", "HEAD", "--format", "matrix")

    assert (ran.returncode, ran.stderr, ran.stdout.count("\n")) == (0, "", 1)
    assert json.loads(ran.stdout) == {
        "include": [
            {
                "stack": "dales.alston.hill",
                "partnership": "dales",
                "council": "alston",
                "instance": "",
                "site": "hill",
            },
            {
                "stack": "dales.ledger.vale",
                "partnership": "dales",
                "council": "",
                "instance": "ledger",
                "site": "vale",
            },
        ]
    }


def test_as_text(project: Project) -> None:
    """One line for a stack, and its causes below."""
    project.edit("partnership.yaml", "every: 1h", "every: 2h")

    ran = project.ask("affected", "HEAD")

    assert (ran.returncode, ran.stderr) == (0, "")
    place = next(
        number
        for number, line in enumerate(project.file("partnership.yaml").read_text().splitlines(), 1)
        if "every" in line
    )
    assert ran.stdout == (
        "dales.ledger.vale  changed\n"
        f"  partnerships/dales/partnership.yaml:{place} spec.instances.ledger.backup.every: 1h → 2h\n"
    )


def test_nothing(project: Project) -> None:
    """An unchanged tree affects nothing."""
    assert project.ask("affected", "HEAD").stdout == "No stack is affected.\n"
    assert project.ask("affected", "HEAD", "--format", "matrix").stdout == '{"include": []}\n'


def test_definitions_that_are_not_sound_have_no_matrix(project: Project) -> None:
    """The findings come as text, for a matrix of findings does not exist."""
    project.edit("councils/alston.yaml", "site: hill", "site: hall")

    ran = project.ask("affected", "HEAD", "--format", "matrix")

    assert ran.returncode == 3
    assert "error[unknown-site]" in ran.stdout
