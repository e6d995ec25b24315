"""Findings as a view and as text: whole outputs, compared."""

from __future__ import annotations

import json
from textwrap import dedent

from moothall.diagnostics import ERROR, WARNING, Diagnostic, Fix, Label
from moothall.failures import INVALID, OK
from moothall.report import json_view
from moothall.report.diagnostics import text as diagnostics_text
from moothall.report.diagnostics.view import answer
from moothall.report.style import Style
from moothall.source import Span

PATH = "partnerships/dales/councils/alston.yaml"
FILES = {PATH: "kind: Council\nspec:\n\tsite: hil # é\n", "long.yaml": "a" * 300}


def finding(severity: str = ERROR, path: str = PATH, **more: object) -> Diagnostic:
    """Return a finding at `hil`."""
    label = Label(Span(path, 3, 8, 3, 11), "not here")
    return Diagnostic("unknown-site", severity, 'there is no site "hil"', 'Did you mean "hill"?', label, **more)  # type: ignore[arg-type]


def text(*findings: Diagnostic, colour: bool = False) -> str:
    """Return the findings as text."""
    return diagnostics_text.render(answer(findings, FILES).view, Style(colour))


def test_a_finding_shows_its_line_with_a_caret_below_each_character() -> None:
    """Place, rule and summary, then how to mend it, then the line; tabs keep their width."""
    related = (Label(Span("partnerships/dales/partnership.yaml", 12, 5, 12, 9), "site hill"),)

    shown = text(finding(related=related))

    assert shown == (
        f'{PATH}:3:8: error[unknown-site]: there is no site "hil"\n'
        '  Did you mean "hill"?\n'
        "  3 | \tsite: hil # é\n"
        "    | \t      ^^^ not here\n"
        "  partnerships/dales/partnership.yaml:12:5: site hill\n"
        "\n"
        "2 files: 1 error, 0 warnings\n"
    )


def test_nothing_wrong() -> None:
    """Without findings there is one line, and the exit code is 0."""
    assert text() == "2 files: nothing wrong\n"
    assert answer((), FILES).exit_code == OK


def test_only_errors_make_definitions_invalid() -> None:
    """A warning is told and counted, and stops nothing."""
    assert answer([finding(WARNING)], FILES).exit_code == OK
    assert answer([finding(WARNING), finding()], FILES).exit_code == INVALID
    assert text(finding(WARNING)).endswith("2 files: 0 errors, 1 warning\n")


def test_a_terminal_is_not_obeyed_to() -> None:
    """Control characters from a file or its name reach nobody's terminal."""
    hostile = finding(path="a\x1b[2J.yaml")

    assert "\x1b" not in text(hostile)
    assert text(hostile).startswith("a\ufffd[2J.yaml:3:8: error")


def test_colour_changes_nothing_but_colour() -> None:
    """Without its escapes, coloured text is the plain text."""
    coloured = text(finding(), colour=True)

    for code in ("\x1b[1;31m", "\x1b[1m", "\x1b[34m", "\x1b[0m"):
        assert code in coloured
        coloured = coloured.replace(code, "")
    assert coloured == text(finding())


def test_a_line_too_long_to_show_is_left_out() -> None:
    """The place still says where; the view has no excerpt."""
    shown = text(Diagnostic("yaml-syntax", ERROR, "this is not YAML", "Mend it.", Label(Span("long.yaml", 1, 2, 1, 3))))

    assert shown == dedent("""\
        long.yaml:1:2: error[yaml-syntax]: this is not YAML
          Mend it.

        2 files: 1 error, 0 warnings
        """)


def test_the_view_keeps_the_contract() -> None:
    """Members and their types are those that were promised."""
    fix = Fix(Span(PATH, 3, 8, 3, 11), "hill")

    view = json.loads(json_view.render(answer([finding(fix=fix)], FILES).view, Style(True)))

    place = {"path": PATH, "line": 3, "column": 8, "endLine": 3, "endColumn": 11}
    assert view == {
        "schemaVersion": 1,
        "diagnostics": [
            {
                "rule": "unknown-site",
                "severity": "error",
                "summary": 'there is no site "hil"',
                "detail": 'Did you mean "hill"?',
                "primary": {**place, "label": "not here", "excerpt": "\tsite: hil # é"},
                "related": [],
                "fix": {**place, "label": "", "text": "hill"},
            }
        ],
        "summary": {"files": 2, "errors": 1, "warnings": 0, "fixable": 1, "waived": 0},
    }


def test_the_last_line_says_what_can_be_corrected_and_what_is_accepted() -> None:
    """The command that mends is named; waived warnings are counted even when nothing is wrong."""
    fixable = finding(fix=Fix(Span(PATH, 3, 8, 3, 11), "hill"))
    shown = diagnostics_text.render(answer([fixable, finding(WARNING)], FILES, 1).view, Style(False))

    last = "2 files: 1 error, 1 warning, 1 warning waived; `moothall validate --fix` corrects 1\n"
    assert shown.endswith(f"\n{last}")
    assert diagnostics_text.render(answer([], FILES, 2).view, Style(False)) == (
        "2 files: nothing wrong, 2 warnings waived\n"
    )
