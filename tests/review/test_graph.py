"""The drawings of a partnership: the same things in every form, planned ones dashed, and nothing that breaks out."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from tests.review.conftest import Project

SVG = "{http://www.w3.org/2000/svg}"
FORMATS = ("text", "json", "mermaid", "dot", "svg")


def drawn(project: Project, format: str, day: str = "2008-06-01") -> str:
    """Return a drawing."""
    ran = project.ask("graph", "--format", format, day=day)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_what_is_drawn(project: Project) -> None:
    """Sites in the order of the way between them, links, the instance with its copies, and who reaches it."""
    view = project.view("graph")

    assert [(site["name"], site["owner"]) for site in view["sites"]] == [
        ("hill", "alston"),
        ("pass", "alston"),
        ("vale", "barton"),
    ]
    assert [link["between"] for link in view["links"]] == [["hill", "pass"], ["hill", "vale"], ["pass", "vale"]]
    assert [(node["id"], node["site"], node["planned"]) for node in view["nodes"]] == [
        ("instance.ledger", "hill", False),
        ("mirror.ledger", "vale", False),
        ("backup.ledger", "vale", False),
        ("council.alston", "hill", False),
        ("council.barton", "vale", False),
    ]
    assert [(edge["from"], edge["to"], edge["label"], edge["planned"]) for edge in view["edges"]] == [
        ("instance.ledger", "mirror.ledger", "mirrored", False),
        ("instance.ledger", "backup.ledger", "backed up", False),
        ("council.alston", "instance.ledger", "finance, procurement", False),
        ("council.barton", "instance.ledger", "planned, no date", True),
    ]


def test_what_is_to_come_is_dashed_everywhere(project: Project) -> None:
    """A planned site, mirror, member and use are dashed in every drawing."""
    site = "    dale: {planned: true, owner: alston, network: 10.4.0.0/16, local: 10.4.0.0/24}\n  links:\n"
    link = "    - {between: [hill, dale], network: 10.99.4.0/24}\n"
    project.edit("partnership.yaml", "  links:\n", site + link)
    project.edit("partnership.yaml", "mirror: {", "mirror: {planned: true, ")
    view: Any = project.view("graph")
    planned = [*view["sites"], *view["links"], *view["nodes"], *view["edges"]]

    number = sum(thing["planned"] for thing in planned)

    assert {site["name"] for site in view["sites"] if site["planned"]} == {"dale"}
    assert {node["id"] for node in view["nodes"] if node["planned"]} == {"mirror.ledger"}
    assert drawn(project, "svg").count("stroke-dasharray") == number
    assert drawn(project, "dot").count("dashed") == number
    edges = sum(thing["planned"] for thing in [*view["links"], *view["edges"]])
    mermaid = drawn(project, "mermaid")
    assert mermaid.count("-.") == edges
    assert "class mirror_ledger,site_dale planned" in mermaid


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_definitions_give_the_same_drawing(project: Project, format: str) -> None:
    """Byte for byte, from one process to the next."""
    assert drawn(project, format) == drawn(project, format)


def test_the_svg_is_for_everybody(project: Project) -> None:
    """Well formed, with a title and a description, a tooltip for everything, and every box inside the frame."""
    root = ElementTree.fromstring(drawn(project, "svg"))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])

    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "title description"
    assert root.find(f"{SVG}title").text == "The Dales on 2008-06-01"
    described = root.find(f"{SVG}desc").text
    assert "alston reaches ledger: finance, procurement" in described
    assert "hill and vale are linked" in described
    assert all(path.find(f"{SVG}title") is not None for path in root.iter(f"{SVG}path"))
    for box in root.iter(f"{SVG}rect"):
        x, y = float(box.get("x", 0)), float(box.get("y", 0))
        assert 0 <= x <= x + float(box.attrib["width"]) <= width
        assert 0 <= y <= y + float(box.attrib["height"]) <= height


def test_boxes_do_not_lie_on_each_other(project: Project) -> None:
    """However many things stand at a site, each has a place of its own."""
    root = ElementTree.fromstring(drawn(project, "svg"))
    places = [(group.find(f"{SVG}rect").get("x"), group.find(f"{SVG}rect").get("y")) for group in root.iter(f"{SVG}g")]

    assert len(places) == len(set(places)) == 5


def test_titles_cannot_break_out(project: Project) -> None:
    """A title with quotes and tags is text in every form."""
    title = r'title: "\"]; click x <script>alert(1)</script> & `#quot; end"'
    project.edit("councils/alston.yaml", "title: Alston Council", title)

    assert "<script" not in drawn(project, "mermaid")
    root = ElementTree.fromstring(drawn(project, "svg"))
    assert not list(root.iter(f"{SVG}script"))
    assert any("<script>" in (text.text or "") for text in root.iter(f"{SVG}title"))
    [line] = [line for line in drawn(project, "dot").splitlines() if "council.alston" in line and "label" in line][:1]
    assert line.count('"') - line.count('\\"') == 4


def test_one_partnership_at_a_time(project: Project) -> None:
    """With several to choose from the reader is asked which."""
    moors = project.root / "partnerships" / "moors"
    (moors / "councils").mkdir(parents=True)
    text = project.file("partnership.yaml").read_text().replace("dales", "moors").replace("10.", "10.1")
    (moors / "partnership.yaml").write_text(text.replace("5f0f0a01", "5f0f0b01"))
    for name, number in (("alston", "0b02"), ("barton", "0b03")):
        text = project.file(f"councils/{name}.yaml").read_text().replace("10.", "10.1")
        (moors / "councils" / f"{name}.yaml").write_text(
            text.replace("5f0f0a02", f"5f0f{number}").replace("5f0f0a03", f"5f0f{number}")
        )

    ran = project.ask("graph")

    assert ran.returncode == 64
    assert "--partnership NAME" in ran.stderr


def test_the_projects_own_partnerships_can_be_drawn() -> None:
    """Every shipped partnership in every form."""
    root = Path(__file__).parents[2]
    names = sorted(folder.name for folder in (root / "partnerships").iterdir())
    command = [sys.executable, "-m", "moothall", "graph", "--format", "svg", "--root", str(root), "--partnership"]
    for name in names:
        ran = subprocess.run([*command, name], capture_output=True, encoding="utf-8", check=False)
        assert (ran.returncode, ran.stderr) == (0, "")
        ElementTree.fromstring(ran.stdout)
