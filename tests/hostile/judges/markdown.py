"""Markdown as a reader of CommonMark with tables sees it, and what code hosts look for in the text of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Text that was written as entities stays a token of its own, which tells what the source has from what is shown.
_READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("text_join")
_NEVER = {"link_open", "image", "em_open", "s_open", "html_inline"}
_BLOCKS = {"heading_open", "list_item_open", "blockquote_open", "hr"}
_ADDRESS = re.compile(r"[a-z]+://|www\.", re.IGNORECASE)
_REFERENCE = re.compile(r"@\w|#[0-9]|\bGH-[0-9]")
_MARKERS = {"moothall diff", "moothall drift"}


def complaints(output: str) -> Iterator[str]:
    """Yield each link, picture, tag, mention, emphasis, block and cell that is of somebody else's making."""
    tokens = _READER.parse(output)
    for token in tokens:
        if token.type == "html_block":
            yield from _tags(token.content)
        elif token.type == "fence" and token.info.startswith("evil"):
            yield f"a fence: {token.info!r}"
        elif token.type == "inline":
            yield from _inline(token)
    yield from _begun(tokens)
    yield from _definitions(output)


def _inline(token: Token) -> Iterator[str]:
    children = token.children or []
    yield from (f"{child.type} in {token.content!r}" for child in children if child.type in _NEVER)
    raw = [child.content for child in children if child.type == "text"]
    yield from (f"an address: {text!r}" for text in raw if _ADDRESS.search(text))
    shown = "".join(child.content for child in children if child.type in ("text", "text_special"))
    if _REFERENCE.search(shown):
        yield f"a mention: {shown!r}"
    strong = False
    for child in children:
        strong = child.type == "strong_open" or (strong and child.type != "strong_close")
        if strong and "evil" in child.content:
            yield f"bold: {child.content!r}"
    whole = "".join(child.content for child in children)
    if "evil cell" in whole and not re.search(r"good( \\?\||.* \\\|) evil cell", whole):
        yield f"a cell: {token.content!r}"


def _begun(tokens: list[Token]) -> Iterator[str]:
    """Yield blocks whose text begins where a string has opened them."""
    for number, token in enumerate(tokens):
        if token.type in _BLOCKS:
            text = next((each.content for each in tokens[number:] if each.type == "inline"), "")
            if text.startswith("evil block"):
                yield f"{token.type}: {text!r}"


def _definitions(output: str) -> Iterator[str]:
    """Yield link references, of which a reader shows nothing."""
    environment: dict[str, dict[str, object]] = {}
    _READER.parse(output, environment)
    yield from (f"a reference: {name}" for name in environment.get("references", {}))


def _tags(content: str) -> Iterator[str]:
    reader = _Tags()
    reader.feed(content)
    yield from (f"a tag: {tag}" for tag in reader.others)
    if reader.rawdata:
        yield f"a tag without an end: {reader.rawdata!r}"


class _Tags(HTMLParser):
    """The tags of a block of HTML that are not ours."""

    def __init__(self) -> None:
        super().__init__()
        self.others: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("details", "summary") or attrs:
            self.others.append(f"{tag} {attrs}")

    def handle_comment(self, data: str) -> None:
        if data.strip() not in _MARKERS:
            self.others.append(data)
