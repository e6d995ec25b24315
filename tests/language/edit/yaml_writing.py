"""Ways in which people write YAML: a strategy for texts with comments, quotes, brackets and blank lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

WORDS = ["site", "hill", "wear-valley", "2006-10-10", "10.1.0.0/24", "1h", "A title of words"]
ODD = ["no", "1974", "a: b", "it's", "décidé 🏛", "x # y", "", "- a", "true", "[a", 'say "so"', "a,b", "null", "~"]
SCALARS = st.sampled_from([*WORDS, *WORDS, *ODD, 0, 8443, True, False, None, 1.5])
KEYS = st.sampled_from(["name", "site", "published-port", "uses", "x", "modules", "from", "é", "no", "a b"])
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)
MAPPINGS = st.dictionaries(KEYS, DATA, min_size=1, max_size=4)

Draw = Callable[[Any], Any]


@st.composite
def texts(draw: Draw, mappings: st.SearchStrategy[dict[str, Any]] = MAPPINGS) -> tuple[str, Any]:
    """Draw a text and the data that it means, one of the mappings."""
    data = draw(mappings)
    lines = [*(["---"] if draw(st.booleans()) else []), *comment(draw), *block(draw, data, 0)]
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    return ending.join(lines) + draw(st.sampled_from([ending, ending, ""])), data


def block(draw: Draw, data: dict[str, Any], indent: int) -> list[str]:
    """Write a mapping, one key a line."""
    lines: list[str] = []
    for key, value in data.items():
        name = scalar(draw, key, key=True)
        if draw(st.integers(0, 5)) == 0:
            entry = explicit(draw, name, value, indent)
        else:
            entry = entry_lines(draw, f"{' ' * indent}{name}:", value, indent)
        lines += [*gap(draw, indent), *entry]
    return lines


def explicit(draw: Draw, name: str, value: Any, indent: int) -> list[str]:
    """Write a key behind a question mark, or below it, and its value behind a colon."""
    column = " " * indent
    key = draw(st.sampled_from([[f"? {name}{tail(draw)}"], ["? # why", f"{column}    {name}"]]))
    if isinstance(value, dict) and value and draw(st.booleans()):
        inner = compact(block(draw, value, indent + 2))
        return [f"{column}{key[0]}", *key[1:], f"{column}: {inner[0].lstrip()}", *inner[1:]]
    return [f"{column}{key[0]}", *key[1:], *entry_lines(draw, f"{column}:", value, indent)]


def compact(lines: list[str]) -> list[str]:
    """Leave out what stands above a first line that shall follow a dash or a colon."""
    while not lines[0].strip() or lines[0].strip().startswith("#"):
        lines = lines[1:]
    return lines


def entry_lines(draw: Draw, head: str, value: Any, indent: int) -> list[str]:
    """Write what follows a key or a dash."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        return [head + tail(draw).replace("\t", " "), *block(draw, value, indent + draw(st.sampled_from([2, 4])))]
    if isinstance(value, list) and value and draw(st.booleans()) and not head.endswith("-"):
        # libyaml refuses a tab right behind a colon that stands alone.
        behind = tail(draw).replace("\t", " ") if head.strip() == ":" else tail(draw)
        return [head + behind, *listed(draw, value, indent + draw(st.sampled_from([0, 2])))]
    if isinstance(value, (dict, list)):
        return bracketed(draw, head, value, indent)
    text = scalar(draw, value)
    # libyaml refuses a tab right behind a dash.
    return [f"{head} {text}{tail(draw)}" if text else head + tail(draw).replace("\t", " ")]


def listed(draw: Draw, data: list[Any], indent: int) -> list[str]:
    """Write a list, one item a line or more."""
    lines: list[str] = []
    for item in data:
        lines += gap(draw, indent)
        if isinstance(item, dict) and item and draw(st.booleans()):
            inner = compact(block(draw, item, indent + 2))
            lines += [f"{' ' * indent}- {inner[0].lstrip()}", *inner[1:]]
        else:
            lines += entry_lines(draw, f"{' ' * indent}-", item, indent)
    return lines


def bracketed(draw: Draw, head: str, value: Any, indent: int) -> list[str]:
    """Write a collection in brackets, on one line or on several with comments between."""
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    if not value or draw(st.booleans()):
        return [f"{head} {flow(draw, value)}{tail(draw)}"]
    lines = [f"{head} {opening}{tail(draw)}"]
    entries = [flow_entry(draw, entry) for entry in (value.items() if isinstance(value, dict) else value)]
    last_comma = draw(st.sampled_from(["", ","]))
    for number, entry in enumerate(entries, start=1):
        comma = "," if number < len(entries) else last_comma
        lines.append(f"{' ' * (indent + 4)}{entry}{comma}{tail(draw)}")
    return [*lines, f"{' ' * (indent + 2)}{closing}{tail(draw)}"]


def flow(draw: Draw, value: Any) -> str:
    """Write a value on one line."""
    if not isinstance(value, (dict, list)):
        return scalar(draw, value, flow=True)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    blank = draw(st.sampled_from(["", " "]))
    entries = [flow_entry(draw, entry) for entry in (value.items() if isinstance(value, dict) else value)]
    return opening + blank + ", ".join(entries) + blank + closing


def flow_entry(draw: Draw, entry: Any) -> str:
    """Write a pair or an item."""
    if isinstance(entry, tuple):
        name, value = scalar(draw, entry[0], key=True), flow(draw, entry[1])
        return draw(st.sampled_from([f"{name}: {value}", f"{name}: {value}", f"? {name} : {value}"]))
    return flow(draw, entry)


def scalar(draw: Draw, value: Any, *, key: bool = False, flow: bool = False) -> str:
    """Write a scalar in one of the ways that it can be."""
    if value is None:
        return draw(st.sampled_from(["null", "~"] if flow else ["null", "~", ""]))
    if not isinstance(value, str):
        return json.dumps(value)
    ways = [json.dumps(value, ensure_ascii=False), "'" + value.replace("'", "''") + "'"]
    plain = value in WORDS or key or value in ("no", "it's", "décidé 🏛")
    return draw(st.sampled_from([*ways, value, value] if plain else ways))


def tail(draw: Draw) -> str:
    """Write what may stand behind a value."""
    return draw(st.sampled_from(["", "", "", "  ", " # why", "\t# tab, {comma} [x]"]))


def gap(draw: Draw, indent: int) -> list[str]:
    """Write what may stand between two lines."""
    return draw(
        st.sampled_from([[], [], [], [""], [" " * indent + "# about: it"], ["# far left"], ["", "  # both", ""]])
    )


def comment(draw: Draw) -> list[str]:
    """Write what may stand at the top."""
    return draw(st.sampled_from([[], ["# yaml-language-server: $schema=x"], ["", "# top"]]))
