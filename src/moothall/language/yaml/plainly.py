"""A sound YAML file as plain data, nearly as fast as libyaml's events come: no places, no word on what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from sys import intern
from typing import Any

from yaml._yaml import CParser
from yaml.events import (
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from moothall.language.yaml.scalars import plain

DEEPEST = 64
"""Levels of nesting; the deepest definition has seven."""

Events = Callable[[], Any]


class Unusual(Exception):
    """There is something in the file that has to be explained."""


def plainly(text: str) -> object:
    """Return the data of the only document in `text`.

    Raises Unusual, YAMLError or ValueError for all that `yaml12` has a finding for, without saying what it is.
    """
    events: Events = CParser(text).get_event
    events()  # start of the stream
    if type(events()) is not DocumentStartEvent:
        raise Unusual
    data = _value(events(), events, 0)
    events()  # end of the document
    if type(events()) is not StreamEndEvent:
        raise Unusual
    return data


def _value(event: Any, events: Events, depth: int) -> object:
    if event.anchor is not None:  # an alias too
        raise Unusual
    if event.tag is not None:
        raise Unusual
    kind = type(event)
    if kind is ScalarEvent:
        return event.value if event.style else plain(event.value)
    if depth >= DEEPEST:
        raise Unusual
    if kind is MappingStartEvent:
        return _mapping(events, depth + 1)
    return _sequence(events, depth + 1)


def _mapping(events: Events, depth: int) -> dict[str, object]:
    data: dict[str, object] = {}
    while type(event := events()) is ScalarEvent:
        key = intern(event.value)  # a few words are the keys of ten thousand files
        if key in data or event.tag is not None or event.anchor is not None or key == "<<":
            raise Unusual
        data[key] = _value(events(), events, depth)
    if type(event) is not MappingEndEvent:
        raise Unusual
    return data


def _sequence(events: Events, depth: int) -> list[object]:
    data: list[object] = []
    while type(event := events()) is not SequenceEndEvent:
        data.append(_value(event, events, depth))
    return data
