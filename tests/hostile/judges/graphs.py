"""DOT and Mermaid: words stand in quoted texts, and nothing else of them anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DOT_TEXT = re.compile(r'"(?:\\["\\]|[^"\\\n])*"')
_OUTSIDE = re.compile(r'evil|["\\]')
_MERMAID_TEXT = re.compile(r'"[^"\n]*"')
_MERMAID_TITLE = re.compile(r"^  accTitle: .*$", re.MULTILINE)
_MERMAID_ACTIVE = re.compile(r"#(?!35|37|96|quot|lt)|[<`%]")


def dot(output: str) -> Iterator[str]:
    """Yield what stands outside of texts and is not ours."""
    yield from _outside(_DOT_TEXT.sub("", output))


def mermaid(output: str) -> Iterator[str]:
    """Yield the same of Mermaid, and what in a text begins an entity, a tag, Markdown, a comment or a directive."""
    yield from _outside(_MERMAID_TITLE.sub("", _MERMAID_TEXT.sub("", output)))
    for text in [*_MERMAID_TEXT.findall(output), *_MERMAID_TITLE.findall(output)]:
        if _MERMAID_ACTIVE.search(text):
            yield f"active in a text: {text!r}"


def _outside(rest: str) -> Iterator[str]:
    """Yield the lines with words in them, of what is left without the texts."""
    yield from (f"not in a text: {line!r}" for line in rest.split("\n") if _OUTSIDE.search(line))
