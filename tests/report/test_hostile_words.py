"""Words that people write, and words of databases, are words in every page, comment and log: never markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from moothall.model.outcome import Report
from moothall.operations.offboarding import page, proof
from moothall.report.diagnostics import sarif as diagnostics_sarif
from moothall.report.markdown import plain
from moothall.report.renderers import RENDERERS, render
from moothall.report.style import Style

HOSTILE = (
    "[Approved](https://evil.test) ![x](https://evil.test/x.png) <img src=x onerror=alert(1)> | cell | **bold** "
    "_slant_ ~~gone~~ `code` @everyone #12 \\[ &lt;b&gt; <!-- --> </details> https://evil.test www.evil.test\n"
    "# heading\n\u202e"
)
OURS = {"h1", "h2", "h3", "h4", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "strong", "code", "pre"}
OURS |= {"details", "summary", "blockquote", "br", "ol", "hr"}
BOLD = {"1 replaced", "Planned", "Terms", "1 differences"}
SIDE = {"name": HOSTILE, "commit": HOSTILE, "asOf": "2026-11-28"}
LINE = {"path": HOSTILE, "line": 7, "revision": "head", "route": HOSTILE, "before": HOSTILE, "after": HOSTILE}
STEP = {
    "op": "replace",
    "type": "docker:index/container:Container",
    "name": HOSTILE,
    "diff": [HOSTILE],
    "effect": "replace",
}
STACK = {"stack": HOSTILE, "partnership": HOSTILE, "council": HOSTILE, "agreement": [HOSTILE], "lines": [LINE]}
RESULT = {"id": HOSTILE, "subject": HOSTILE, "status": "failed", "detail": HOSTILE, "seconds": 1.0}
PLACE = {"path": HOSTILE, "line": 7, "column": 1, "endLine": 7, "endColumn": 2, "label": HOSTILE}
FINDING = {
    "rule": "unknown-site",
    "severity": "error",
    "summary": HOSTILE,
    "detail": HOSTILE,
    "primary": PLACE,
    "related": [PLACE],
    "fix": {**PLACE, "text": HOSTILE},
}
SIDES = {"debit": "1.00", "credit": "2.00"}
OTHERS = {"debit": "3.00", "credit": "4.00"}
VIEWS: Mapping[str, Mapping[str, Any]] = {
    "diagnostics": {
        "revision": SIDE,
        "summary": {"errors": 1, "warnings": 0},
        "diagnostics": [FINDING],
    },
    "diff": {
        "base": SIDE,
        "head": SIDE,
        "stacks": [{**STACK, "steps": [STEP], "kept": [], "status": "previewed", "reason": ""}],
        "terms": [{**LINE, "agreement": [HOSTILE]}],
        "notes": [HOSTILE],
        "refusals": [HOSTILE],
        "planned": [
            {
                "change": "planned",
                "partnership": HOSTILE,
                "council": HOSTILE,
                "instance": HOSTILE,
                "module": HOSTILE,
                "site": None,
                "before": None,
                "after": HOSTILE,
            }
        ],
    },
    "drift": {
        "summary": {"differences": 1, "drifted": 1, "stacks": 1, "objects": 1, "couldNotRun": 0},
        "stacks": [
            {
                "stack": HOSTILE,
                "status": "drifted",
                "reason": HOSTILE,
                "hint": [HOSTILE],
                "differences": [
                    {
                        "kind": "container",
                        "name": HOSTILE,
                        "trouble": "altered",
                        "property": HOSTILE,
                        "recorded": HOSTILE,
                        "found": HOSTILE,
                    }
                ],
            }
        ],
    },
    "drill": {
        "drill": "restore",
        "partnership": HOSTILE,
        "instance": HOSTILE,
        "council": HOSTILE,
        "where": HOSTILE,
        "outcome": "passed",
        "began": "2026-11-28T12:00:00",
        "ended": "2026-11-28T13:00:00",
        "agreed": {"recoveryTimeSeconds": 60, "recoveryPointSeconds": None},
        "measured": {"recoveryTimeSeconds": 1.0, "recoveryPointSeconds": None},
        "results": [RESULT],
    },
    "cutover": {
        "council": HOSTILE,
        "instance": HOSTILE,
        "system": HOSTILE,
        "state": "standing",
        "summary": {"passed": 1, "failed": 1},
        "begins": "2027-01-01",
        "asOf": "2026-11-28",
        "extract": HOSTILE,
        "importedAt": "2026-11-28T12:00:00",
        "journals": 1,
        "lines": 2,
        "seconds": {"import": 1.0},
        "differences": [
            {
                "period": HOSTILE,
                "account": HOSTILE,
                "description": HOSTILE,
                "old": SIDES,
                "new": OTHERS,
                "apart": SIDES,
            }
        ],
        "totals": {"old": SIDES, "new": OTHERS},
        "results": [RESULT],
    },
}
MANIFEST = {
    "council": {"name": "alston", "uid": "x", "title": HOSTILE},
    "partnership": HOSTILE,
    "taken": HOSTILE,
    "by": HOSTILE,
    "versions": {"postgresql": "15.18"},
    "tenants": {
        "crm": {
            "title": HOSTILE,
            "database": "alston",
            "dump": "crm/database.dump",
            "frozen": True,
            "tables": {HOSTILE: {"rows": 1, "digest": "5"}},
            "attachments": [],
        }
    },
}


class Tags(HTMLParser):
    """The tags of a page, and what stands in bold."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.found.append((tag, attributes))

    def handle_data(self, data: str) -> None:
        """Note a text with the tag before it."""
        self.text.append((self.found[-1][0] if self.found else "", data))

    def handle_comment(self, data: str) -> None:
        """Note a comment."""
        self.found.append(("comment", [(data.strip(), None)]))


def harmless(text: str) -> None:
    """Hold a page in Markdown to what we put into it, as a reader of Markdown and HTML sees it."""
    tags = Tags()
    tags.feed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))
    markers = [("comment", [(f"moothall {kind}", None)]) for kind in ("diff", "drift")]
    assert [each for each in tags.found if each[0] not in OURS and each not in markers] == []
    assert [data for tag, data in tags.text if tag == "strong" and data.startswith("bold")] == []
    assert [
        data for tag, data in tags.text if tag not in ("code", "pre") and ("@everyone" in data or "#12" in data)
    ] == []
    assert "\u202e" not in text
    assert "\n# heading" not in text


MARKDOWN = sorted(kind for kind, form in RENDERERS if form == "markdown")


def test_every_renderer_is_tried() -> None:
    """Who adds one adds a view for it."""
    assert sorted(VIEWS) == MARKDOWN


@pytest.mark.parametrize("kind", MARKDOWN)
def test_a_page_takes_any_words(kind: str) -> None:
    """The same tags come out, whatever is written in titles, names, reasons and details."""
    harmless(render(Report(kind, VIEWS[kind]), "markdown", Style(False)))


def test_the_pages_of_an_export_take_any_words(tmp_path: Path) -> None:
    """What it is, and its proof."""
    page.write(tmp_path, MANIFEST)
    harmless((tmp_path / page.NAME).read_text())
    (tmp_path / "manifest.json").write_text("{}")
    evidence = {"at": "2026-11-28T12:00:00", "manifest": "0" * 64, "results": [RESULT]}

    harmless("\n".join(proof._page(MANIFEST, evidence)))


@pytest.mark.parametrize("text", ["customer_relations", "Durham (the county)", "1 + 1 = 2; a-b", "Café #1: a/b"])
def test_common_words_stay_readable(text: str) -> None:
    """In the source too."""
    assert plain(text).replace("&#35;&#8203;", "#") == text


def test_sarif_has_no_link_and_no_placeholder_of_others() -> None:
    """Brackets, braces and backslashes are escaped in messages (3.11.5, 3.11.6); what a terminal might obey is out."""
    wrong = {**FINDING, "summary": "[Approved, sign in again](https://evil.test) {0} \\ \u202e", "detail": ""}
    log = json.loads(diagnostics_sarif.render({"diagnostics": [wrong]}, Style(False)))
    [result] = log["runs"][0]["results"]

    assert result["message"]["text"] == r"\[Approved, sign in again\](https://evil.test) {{0}} \\ " + "\ufffd."
    messages = [result["relatedLocations"][0]["message"], result["fixes"][0]["description"]]
    assert all(r"\[Approved\]" in message["text"] for message in messages)
