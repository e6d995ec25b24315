"""Rules, their page and their cases name each other; what a rule says goes away when it is mended."""

from __future__ import annotations

import re
from pathlib import Path

from moothall.language import rules
from moothall.language.checks import secrets, waivers
from moothall.language.checks.scope import Scope
from moothall.language.schema import shape_findings

PROJECT = Path(__file__).parents[3]
PAGE = (PROJECT / "docs" / "rules.md").read_text(encoding="utf-8")
FILES = [path.stem.replace("_", "-") for path in Path(rules.__file__).parent.rglob("[a-z]*.py")]


def ids_in(room: str) -> set[str]:
    """Return the rule ids that the source of a room speaks."""
    sources = (PROJECT / "src" / "moothall" / room).glob("*.py")
    return {found for path in sources for found in re.findall(r'"((?:file|yaml|extract)-[a-z-]+)"', path.read_text())}


ALL = (
    {rule.RULE for rule in rules.RULES}
    | set(shape_findings.RULES)
    | ids_in("language/files")
    | ids_in("language/yaml")
    | {secrets.RULE, waivers.RULE}
)
EXTRACT = ids_in("cutover")
"""Rules about what definitions do not hold; tests/cutover has their bad cases."""


def test_each_file_is_a_rule_of_its_name_and_says_its_scope() -> None:
    """Every file of the rooms of rules is found, once, and has an id, a scope and a check."""
    assert sorted(rule.RULE for rule in rules.RULES) == sorted(set(FILES)) == sorted(FILES)
    assert all(isinstance(rule.SCOPE, Scope) and callable(rule.check) for rule in rules.RULES)


def test_each_rule_has_a_section_with_before_and_after() -> None:
    """The page describes exactly the rules there are, each with a wrong and a right way."""
    sections = dict(re.findall(r"(?ms)^## (\S+)\n(.*?)(?=^#|\Z)", PAGE))

    assert set(sections) == ALL | EXTRACT
    for rule, text in sections.items():
        assert re.search(r"(?m)^- \S", text), rule
        assert re.search(r"(?m)^\+ \S", text), rule


def test_each_rule_has_a_bad_case() -> None:
    """Some case expects each rule; a file of more than 1 MiB is made by tests/read instead of being kept."""
    expected = (PROJECT / "tests" / "cases" / "invalid").glob("*/expected.txt")
    spoken = {
        rule
        for path in expected
        for rule in re.findall(r"(?:error|warning)\[(.+?)\]", path.read_text(encoding="utf-8"))
    }

    assert spoken == ALL - {"file-too-large"}
