"""Definitions that are written as a whole, in the form in which people here write them, by ruamel.yaml.

What stands on one line is decided by what it is: an empty mapping and a list that is not too long are in brackets, all
else is in blocks. Text has quotes where `edit.wording` puts them, so that a file looks the same however a value got in.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any, NamedTuple
from uuid import UUID

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from moothall.language.edit.scalars import is_plain, quoted, written
from moothall.model.written import Metadata

_WIDEST = 100
"""Characters of a line that ends in a list in brackets; a longer list stands on lines of its own."""
_INDENT = 2


InQuotes = DoubleQuotedScalarString
"""Text that is in quotes even where it could do without: a sentence, or a time."""


class OnOneLine(dict[str, object]):
    """A mapping in braces."""


class Commented(NamedTuple):
    """The value of a key, with what is said behind it on its line."""

    value: object
    comment: str


def definition(kind: str, spec: Mapping[str, object], metadata: Metadata | None = None) -> str:
    """Return the text of a definition of a kind, in the order in which keys are given."""
    named = metadata and {"name": metadata.name, "uid": UUID(metadata.uid), "title": metadata.title}
    head = {"apiVersion": "moothall/v1", "kind": kind, **({"metadata": named} if named else {})}
    return yaml_text({**head, "spec": spec})


def yaml_text(data: Mapping[str, object]) -> str:
    """Return a mapping as YAML that every reader of 1.1 or 1.2 takes for the same.

    Values are text, whole numbers, booleans, days, UUIDs, lists and mappings of them, and those of this module.
    """
    yaml = YAML(pure=True)
    yaml.Emitter = _Emitter
    yaml.width = sys.maxsize
    yaml.indent(mapping=_INDENT, sequence=2 * _INDENT, offset=_INDENT)
    text = StringIO()
    yaml.dump(_mapping(data, 0), text)
    return text.getvalue()


class _Emitter(Emitter):
    """Writes quoted text as it is written everywhere here; ruamel lets characters stand that nobody sees."""

    def write_double_quoted(self, text: str, split: bool = True) -> None:
        self.write_indicator(quoted(text), True)


def _mapping(data: Mapping[str, object], column: int) -> CommentedMap:
    """Return a mapping for ruamel whose keys stand behind `column` characters."""
    made = CommentedMap()
    for key, value in data.items():
        name = _text(key)
        bare = value.value if isinstance(value, Commented) else value
        made[name] = _node(bare, column + _INDENT, column + len(f"{written(key)}: "))
        if isinstance(value, Commented):
            made.yaml_add_eol_comment(value.comment, name, column=0)
    if isinstance(data, OnOneLine):
        made.fa.set_flow_style()
    return made


def _node(value: Any, column: int, start: int) -> object:
    """Return a value for ruamel that begins behind `start` characters, its lines behind `column` if it has several."""
    if isinstance(value, Mapping):
        return _mapping(value, column)
    if isinstance(value, (list, tuple)):
        return _list(value, column, start)
    return str(value) if isinstance(value, UUID) else _text(value) if isinstance(value, str) else value


def _list(data: Sequence[Any], column: int, start: int) -> CommentedSeq:
    inside = column + _INDENT  # behind the dash
    made = CommentedSeq(_node(each, inside, inside) for each in data)
    if start + len(written(data)) <= _WIDEST:
        made.fa.set_flow_style()
    return made


def _text(text: str) -> str:
    return text if is_plain(text) and not isinstance(text, InQuotes) else InQuotes(text)
