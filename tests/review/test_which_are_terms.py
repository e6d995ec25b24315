"""The law behind the list of terms (`review.causes`): a field is on it exactly when no stack holds what it says."""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from moothall.compilation import compile_all
from moothall.diagnostics import has_errors
from moothall.plan import digest
from moothall.review.causes import TERMS, is_term
from moothall.review.lines import Line
from moothall.source import Route
from moothall.validation.validate import validate

VALID = Path(__file__).parents[1] / "cases" / "valid"
SCHEMAS = Path(__file__).parents[2] / "schemas"
AS_OF = date(2007, 6, 1)
KINDS = ("partnership", "council", "module")
NAMES = ("alston", "barton", "carlby", "paywell")
SILENT = {
    "from": "a day on which nothing changes yet",
    "until": "the same",
    "uid": "it names keys and addresses of what is new",
    "transit": "a site through which no way leads",
}
"""Fields that a stack may hold, though one change of them shows in none."""


class Loader(yaml.SafeLoader):
    """YAML whose dates stay text."""


Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if not each[0].endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@pytest.fixture
def dales(tmp_path: Path) -> Path:
    """A partnership with all kinds of terms."""
    for case in ("two-councils", "terms-kept"):
        shutil.copytree(VALID / case, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_a_term_is_what_no_stack_holds(dales: Path) -> None:
    """Every value of every file is changed, one at a time."""
    standing = stacks(dales)
    tried: dict[bool, list[str]] = {True: [], False: []}
    for file in sorted((dales / "partnerships").rglob("*.yaml")):
        text = file.read_text()
        path = file.relative_to(dales).as_posix()
        for route, changed in changes(yaml.load(text, Loader)):
            file.write_text(yaml.safe_dump(changed, sort_keys=False))
            found = stacks(dales)
            term = is_term(Line(path, route, None, None, None, None))
            if found is None or (found == standing and not term and route[-1] in SILENT):
                continue
            tried[term].append(".".join(map(str, route)))
            assert (found == standing) == term, (path, route)
        file.write_text(text)
    assert len(set(tried[True])) > 25, tried[True]
    assert {"spec.domain", "spec.instances.ledger.backup.every"} <= set(tried[False])


@pytest.mark.parametrize("route", TERMS, ids=".".join)
def test_every_term_is_a_field(route: tuple[str, ...]) -> None:
    """A route on the list leads somewhere in one of the schemas."""
    schemas = [json.loads((SCHEMAS / f"{kind}.schema.json").read_text()) for kind in KINDS]
    assert any(leads(schema, schema, route) for schema in schemas)


def leads(schema: Mapping[str, Any], node: Mapping[str, Any], route: tuple[str, ...]) -> bool:
    """Say whether a schema has a field at a route; `*` is any name."""
    if "$ref" in node:
        return leads(schema, schema["$defs"][node["$ref"].rpartition("/")[2]], route)
    if any(leads(schema, each, route) for each in (*node.get("oneOf", ()), *node.get("anyOf", ()))):
        return True
    if not route:
        return True
    fields = node.get("properties", {})
    rest = node.get("additionalProperties") or next(iter(node.get("patternProperties", {}).values()), None)
    found = fields.get(route[0], rest if isinstance(rest, dict) else None)
    return found is not None and leads(schema, found, route[1:])


def stacks(root: Path) -> dict[str, str] | None:
    """Return the digest of every stack, None when the definitions do not hold."""
    loaded = validate(root, AS_OF)
    if has_errors(loaded.diagnostics):
        return None
    plans = compile_all(loaded.definitions, AS_OF, None)
    return {stack.name: digest(plan, stack, AS_OF.year, "") for plan in plans for stack in plan.stacks}


def changes(data: Any) -> Iterator[tuple[Route, Any]]:
    """Yield a document for each value and each other value that might do in its place."""
    for route, value in leaves(data, ()):
        for other in others(value):
            changed = copy.deepcopy(data)
            place = changed
            for step in route[:-1]:
                place = place[step]
            place[route[-1]] = other
            yield route, changed


def leaves(node: Any, route: Route) -> Iterator[tuple[Route, Any]]:
    """Yield every value that holds no others."""
    if not isinstance(node, dict | list):
        yield route, node
        return
    for step, below in node.items() if isinstance(node, dict) else enumerate(node):
        yield from leaves(below, (*route, step))


def others(value: Any) -> Iterator[Any]:
    """Yield values of the same kind."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        yield (date.fromisoformat(value) + timedelta(1)).isoformat()
    elif number := re.fullmatch(r"(\d+)([^.]*)", value):
        yield f"{int(number[1]) + 1}{number[2]}"
    elif value in NAMES:
        yield from (name for name in NAMES if name != value)
    else:
        yield f"{value}x"
