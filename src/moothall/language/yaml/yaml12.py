"""One YAML file as plain data with the place of every key and value.

Built from the events of libyaml, never from its node tree: composing recurses in C and 50,000 brackets
crash it. Anchors, tags, merge keys and further documents are findings, because each lets a value
stand somewhere other than where it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from moothall.diagnostics import ERROR, Diagnostic, Label
from moothall.language.yaml import syntax
from moothall.language.yaml.places import Places, Quad, Quads, span_of
from moothall.language.yaml.plainly import DEEPEST, Unusual, plainly
from moothall.language.yaml.scalars import plain
from moothall.source import Document, Route, Span

MOST_VALUES = 20_000
"""Values in a file, of which each has at least two characters with what parts it from the next."""


def parse(path: str, text: str) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """Return the document in `text`, or None and everything that is wrong with it as YAML."""
    try:
        if len(text) <= 2 * MOST_VALUES and syntax.conflict(path, text) is None:
            return Document(path, plainly(text), Places(path, lambda: text, quads)), ()
    except (Unusual, YAMLError, ValueError):
        pass  # the walk says what it is
    return walked(path, text)


def quads(path: str, text: str) -> Quads:
    """Return where everything in a sound document stands."""
    walk = _Walk(path, text)
    walk.document()
    return walk.quads


def walked(path: str, text: str) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """Do what `parse` does, with an eye on every place."""
    if unresolved := syntax.conflict(path, text):
        return None, (unresolved,)
    walk = _Walk(path, text)
    try:
        data = walk.document()
    except _EnoughError:
        data = None
    except YAMLError as error:
        walk.findings.append(syntax.complaint(path, text, error))
    if walk.findings:
        return None, tuple(walk.findings)
    return Document(path, data, Places(path, lambda: text, quads)), ()


class _EnoughError(Exception):
    """The file is deeper than `DEEPEST` or has more than `MOST_VALUES`; the finding has been recorded."""


class _Walk:
    """One walk over the events of a file, gathering data, places and findings."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.parser = CParser(text)
        self.quads: Quads = {}
        self.findings: list[Diagnostic] = []

    def document(self) -> object:
        """Return the data of the only document."""
        self.parser.get_event()  # start of the stream
        if isinstance(self.parser.get_event(), StreamEndEvent):
            top = Label(self.span((0, 0, 0, 0)))
            detail = "Describe something in it, or remove it."
            self.findings.append(Diagnostic("yaml-empty", ERROR, "the file is empty", detail, top))
            return None
        data, _ = self.node(self.parser.get_event(), (), None)
        self.parser.get_event()  # end of the document
        if not isinstance(extra := self.parser.get_event(), StreamEndEvent):
            detail = "Give each its own file, and remove the line `---`."
            self.report(extra, "yaml-documents", "a second document begins here", detail)
        return data

    def node(self, event: Any, route: Route, key: Quad | None) -> tuple[object, tuple[int, int]]:
        """Return the data that begins with `event` and where it ends; record its place."""
        self.refuse(event)
        data, end = self.content(event, route)
        start = event.start_mark
        if len(self.quads) >= MOST_VALUES:
            self.report(event, "file-too-large", f"the file has more than {MOST_VALUES} values", "Split it.")
            raise _EnoughError
        value = (start.line, start.column, *end)
        self.quads[route] = (key or value, value)
        return data, end

    def content(self, event: Any, route: Route) -> tuple[object, tuple[int, int]]:
        """Return the data of a scalar or collection and where it ends."""
        if isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            if len(route) >= DEEPEST:
                detail = "No definition needs this; look for brackets that are never closed."
                self.report(event, "yaml-depth", f"nesting is deeper than {DEEPEST} levels", detail)
                raise _EnoughError
            return self.mapping(event, route) if isinstance(event, MappingStartEvent) else self.sequence(event, route)
        return self.scalar(event), _end(event)

    def scalar(self, event: Any) -> object:
        """Return the value of a scalar; quoted ones are always text."""
        if not isinstance(event, ScalarEvent):
            return None
        if event.style:
            return event.value
        try:
            return plain(event.value)
        except ValueError as error:
            self.report(
                event, "yaml-number", f"this number cannot be used: {error}", "If it is text, put it in quotes."
            )
            return None

    def mapping(self, start: Any, route: Route) -> tuple[dict[str, object], tuple[int, int]]:
        """Return a mapping and where it ends."""
        data: dict[str, object] = {}
        end = _end(start)
        while not isinstance(event := self.parser.get_event(), MappingEndEvent):
            key = self.key(event, route, data)
            data[key], end = self.node(self.parser.get_event(), (*route, key), _quad(event))
        return data, _end(event) if start.flow_style else end

    def key(self, event: Any, route: Route, data: Mapping[str, object]) -> str:
        """Return the text of a key that is not in `data` yet; keys are always text, even `1`."""
        self.refuse(event)
        if not isinstance(event, ScalarEvent):
            self.content(event, (*route, ""))
            if not isinstance(event, AliasEvent):
                self.report(event, "yaml-key", "a key is a word, not a list or a mapping", "Write a word here.")
            return ""
        if event.value == "<<" and not event.style:
            self.report(event, "yaml-merge-key", "merge keys are not used", "Write the keys out where they belong.")
        elif event.value in data:
            detail = "Only one of the two can be meant: remove the other, or give it its own name."
            first = Label(self.span(self.quads[(*route, event.value)][0]), "declared here")
            self.report(event, "yaml-duplicate-key", f'the key "{event.value}" stands here twice', detail, first)
        return str(event.value)

    def sequence(self, start: Any, route: Route) -> tuple[list[object], tuple[int, int]]:
        """Return a list and where it ends."""
        data: list[object] = []
        end = _end(start)
        while not isinstance(event := self.parser.get_event(), SequenceEndEvent):
            item, end = self.node(event, (*route, len(data)), None)
            data.append(item)
        return data, _end(event) if start.flow_style else end

    def refuse(self, event: Any) -> None:
        """Record tags, anchors and aliases."""
        if isinstance(event, AliasEvent):
            self.report(event, "yaml-alias", f"the alias *{event.anchor} is not used here", "Write the value out.")
        elif event.anchor is not None:
            self.report(event, "yaml-alias", f"the anchor &{event.anchor} is not used here", "Remove it.")
        if getattr(event, "tag", None) is not None:
            detail = "Remove the tag; put text in quotes if it looks like a number."
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.report(event, "yaml-tag", f"the tag {tag} is not used here", detail)

    def report(self, event: Any, rule: str, summary: str, detail: str, *related: Label) -> None:
        """Record a finding at an event."""
        primary = Label(self.span(_quad(event)))
        self.findings.append(Diagnostic(rule, ERROR, summary, detail, primary, related))

    def span(self, quad: Quad) -> Span:
        """Return the span of a quad in this file."""
        return span_of(self.path, quad)


def _end(event: Any) -> tuple[int, int]:
    mark = event.end_mark
    return mark.line, mark.column


def _quad(event: Any) -> Quad:
    return event.start_mark.line, event.start_mark.column, *_end(event)
