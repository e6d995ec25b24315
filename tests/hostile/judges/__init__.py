"""One judge for each format: what it says of an output that holds words of others, nothing if all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tests.hostile.judges import csv_text, github, graphs, json_text, markdown, terminal, xml

Judge = Callable[[str], Iterator[str]]


def nothing_more(output: str) -> Iterator[str]:
    """Yield nothing: what is for people is judged as what a terminal is shown."""
    yield from ()


JUDGES: Mapping[str, Judge] = {
    "text": nothing_more,
    "json": json_text.json_text,
    "matrix": json_text.json_text,
    "sarif": json_text.sarif,
    "junit": xml.junit,
    "github": github.complaints,
    "markdown": markdown.complaints,
    "mermaid": graphs.mermaid,
    "dot": graphs.dot,
    "svg": xml.svg,
    "csv": csv_text.complaints,
}


def judge(form: str, output: str) -> list[str]:
    """Return what is wrong with an output, which somebody may always look at in a terminal or a pipeline's log."""
    return [*terminal.complaints(output), *JUDGES[form](output)]
