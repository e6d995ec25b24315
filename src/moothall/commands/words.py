"""What can be typed after each command, read from the parsers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping

from moothall.report.completion.words import ExpectedValue, Option, VerbWords

NOUNS = ("partnership", "council", "site", "instance")
_NOUNS_BY_METAVAR = {
    "COUNCIL": ("council",),
    "COUNCIL[.PATH]": ("council",),
    "INSTANCE": ("instance",),
    "INSTANCE|COUNCIL": ("instance", "council"),
    "INSTANCE[:MODULE,...]": ("instance",),
    "NEW": ("site",),
    "OLD": ("site",),
    "SITE": ("site",),
    "STACK": ("stack",),
}
"""What is named by a value, by how the value is called in the help."""

_FOLDER = "DIR"
_FILE = ("FILE", "PATH")


def verb_words(parsers: Mapping[str, argparse.ArgumentParser]) -> tuple[VerbWords, ...]:
    """Return what the parsers of the verbs, by name, take."""
    return tuple(_verb(name, parser) for name, parser in parsers.items())


def _verb(name: str, parser: argparse.ArgumentParser) -> VerbWords:
    summary = (parser.description or "").split(". ")[0].split(": ")[0].rstrip(".")
    return VerbWords(name, summary, tuple(_options(parser)), tuple(_positions(parser)))


def _options(parser: argparse.ArgumentParser) -> Iterator[Option]:
    for action in parser._actions:
        if action.option_strings:
            yield Option(
                tuple(action.option_strings), action.help or "", None if action.nargs == 0 else _expected_value(action)
            )


def _positions(parser: argparse.ArgumentParser) -> Iterator[ExpectedValue]:
    for action in parser._actions:
        if not action.option_strings:
            yield _expected_value(action)


def _expected_value(action: argparse.Action) -> ExpectedValue:
    """Tell from choices, metavar and destination what a value is."""
    if action.choices:
        return ExpectedValue(words=tuple(map(str, action.choices)))
    metavar = str(action.metavar or "")
    if metavar.startswith("{"):
        return ExpectedValue(words=tuple(metavar.strip("{}").split(",")))
    if action.dest in NOUNS:
        return ExpectedValue(names=(action.dest,))
    if metavar in _NOUNS_BY_METAVAR:
        return ExpectedValue(names=_NOUNS_BY_METAVAR[metavar])
    return ExpectedValue(files="folder" if metavar == _FOLDER else "file" if metavar in _FILE else "")
