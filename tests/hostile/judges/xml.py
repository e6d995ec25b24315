"""JUnit and SVG as a strict reader of XML sees them: our elements and attributes, and words only in text."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

_SVG = "{http://www.w3.org/2000/svg}"
_SVG_TAGS = {_SVG + name for name in ("svg", "title", "desc", "rect", "text", "path", "g")}
_JUNIT = {
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testcase": {"classname", "name", "file", "line", "time"},
    "failure": {"type", "message"},
    "error": {"message"},
    "skipped": {"message"},
    "system-out": set(),
}
_ACTIVE = ("on", "href", "style", "{")
"""How attributes begin by which an element acts, leads elsewhere or hides something."""


def junit(output: str) -> Iterator[str]:
    """Yield elements and attributes that a report of JUnit of ours has not."""
    for element in _elements(output):
        if isinstance(element, str):
            yield element
        elif element.tag not in _JUNIT or not _JUNIT[element.tag].issuperset(element.attrib):
            yield f"{element.tag} with {sorted(element.attrib)}"


def svg(output: str) -> Iterator[str]:
    """Yield elements that a drawing of ours has not, attributes that act, and words in any attribute."""
    for element in _elements(output):
        if isinstance(element, str):
            yield element
            continue
        if element.tag not in _SVG_TAGS:
            yield f"an element {element.tag}"
        for name, value in element.attrib.items():
            if name.startswith(_ACTIVE) or "evil" in name + value:
                yield f"an attribute {name}={value!r}"


def _elements(output: str) -> Iterator[ElementTree.Element | str]:
    """Yield every element, or why there is none."""
    if "<!DOCTYPE" in output or "<?" in output.removeprefix("<?xml"):
        yield "a declaration or an instruction"
    try:
        yield from ElementTree.fromstring(output.encode("utf-8", "surrogatepass")).iter()
    except ElementTree.ParseError as error:
        yield f"no XML: {error}"
