"""What docs/rules.md says about each rule: the source of every format that carries help with a finding."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from moothall import paths

_SECTION = "\n## "


class RuleHelp(NamedTuple):
    """The section of one rule: its first paragraph as plain text, and all of it as Markdown."""

    text: str
    markdown: str


@cache
def rule_help() -> dict[str, RuleHelp]:
    """Return the section of every rule by its id; empty where the documentation was not installed."""
    path = paths.PROJECT / "docs" / "rules.md"
    if not path.is_file():
        return {}
    _, *sections = path.read_text(encoding="utf-8").split(_SECTION)
    return {rule: _help(body) for rule, _, body in (section.partition("\n") for section in sections)}


def _help(body: str) -> RuleHelp:
    markdown = body.split("\n# ", 1)[0].strip()
    paragraph = markdown.split("\n\n", 1)[0]
    return RuleHelp(" ".join(paragraph.split()), markdown)
