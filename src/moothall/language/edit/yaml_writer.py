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

from moothall.language.edit.scalars import inline_yaml, is_plain, quote
from moothall.model.written import Metadata

_WIDEST = 100
"""Characters of a line that ends in a list in brackets; a longer list stands on lines of its own."""
_INDENT = 2


QuotedText = DoubleQuotedScalarString
"""Text that is in quotes even where it could do without: a sentence, or a time."""


class InlineMapping(dict[str, object]):
    """A mapping in braces."""


class CommentedValue(NamedTuple):
    """The value of a key, with the comment behind it on its line."""

    value: object
    comment: str


def definition(kind: str, spec: Mapping[str, object], metadata: Metadata | None = None) -> str:
    """Return the text of a definition of a kind, in the order in which keys are given."""
    identity = metadata and {"name": metadata.name, "uid": UUID(metadata.uid), "title": metadata.title}
    head = {"apiVersion": "moothall/v1", "kind": kind, **({"metadata": identity} if identity else {})}
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
    """Writes quoted text by `scalars.quote`; ruamel's own emitter does not escape invisible characters."""

    def write_double_quoted(self, text: str, split: bool = True) -> None:
        self.write_indicator(quote(text), True)


def _mapping(data: Mapping[str, object], column: int) -> CommentedMap:
    """Return a mapping for ruamel whose keys stand behind `column` characters."""
    mapping = CommentedMap()
    for key, value in data.items():
        name = _text(key)
        bare_value = value.value if isinstance(value, CommentedValue) else value
        mapping[name] = _node(bare_value, column + _INDENT, column + len(f"{inline_yaml(key)}: "))
        if isinstance(value, CommentedValue):
            mapping.yaml_add_eol_comment(value.comment, name, column=0)
    if isinstance(data, InlineMapping):
        mapping.fa.set_flow_style()
    return mapping


def _node(value: Any, column: int, start: int) -> object:
    """Return a value for ruamel that begins behind `start` characters, its lines behind `column` if it has several."""
    if isinstance(value, Mapping):
        return _mapping(value, column)
    if isinstance(value, (list, tuple)):
        return _list(value, column, start)
    return str(value) if isinstance(value, UUID) else _text(value) if isinstance(value, str) else value


def _list(data: Sequence[Any], column: int, start: int) -> CommentedSeq:
    item_column = column + _INDENT  # behind the dash
    sequence = CommentedSeq(_node(each, item_column, item_column) for each in data)
    if start + len(inline_yaml(data)) <= _WIDEST:
        sequence.fa.set_flow_style()
    return sequence


def _text(text: str) -> str:
    return text if is_plain(text) and not isinstance(text, QuotedText) else QuotedText(text)
