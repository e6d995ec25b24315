"""Reads what a store of logs keeps, in a one-off container: is the chain whole, and which entries are asked for?

`order.json` beside it: `folder`, `senders` and `databases` and `words` (what an entry must be about, see `wanted`),
`since` and `until` (times in ISO 8601), `most` (entries), `first_day` (older files are left out), `marks` (numbers of
entries whose hash is asked for). Its answer is one object of JSON: for each day the numbers of its first and last entry
and the hash of that, the first place where the chain is broken, the entries, how many there are, and the hashes.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ADMINISTRATORS = ("postgres", "provisioner")
MOST_TEXT = 4 << 20
"""Characters of lines that are brought at most, the newest: whoever says long ones leaves an answer to be read."""


class Broken(Exception):
    """The chain is broken here."""


def entries(path: Path, before: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each entry of a file and its hash; `before` is the hash before the first, "" if it is to be believed."""
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            place = f"{path.stem}, line {number}"
            found, _, text = raw.decode("utf-8", "replace").rstrip("\n").partition(" ")
            try:
                entry = json.loads(text)
                sender, line = entry["sender"], entry["line"]
                if type(entry["n"]) is not int or not all(type(each) is str for each in (sender, line, entry["at"])):
                    raise TypeError("an entry is a number and texts")
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise Broken(f"{place} is no entry") from error
            if number == 1:
                if sender != "store" or not line.startswith("after "):
                    raise Broken(f"{place} does not say what comes before it")
                before = before or line[6:]
            if hashlib.sha256(f"{before} {text}".encode()).hexdigest() != found:
                raise Broken(f"{place} does not follow what comes before it")
            before = found
            yield entry, found


def wanted(entry: dict[str, Any], order: dict[str, Any]) -> bool:
    """Say whether an entry is asked for: of a sender, of a database at a server, or of an administrator who names it.

    `words` are asked for in whatever is said.
    """
    if not order["since"] <= entry["at"] <= order["until"]:
        return False
    if any(word in entry["line"] for word in order["words"]) or entry["sender"] in order["senders"]:
        return True
    databases = order["databases"].get(entry["sender"], ())
    if not databases:
        return False
    try:
        said = json.loads(entry["line"])
        database, user, message = said.get("dbname"), said.get("user"), str(said.get("message"))
    except (ValueError, AttributeError, RecursionError):
        return False
    named = any(re.search(rf"\b{re.escape(name)}\b", message) for name in databases)
    return database in databases or user in databases or (user in ADMINISTRATORS and named)


def read(order: dict[str, Any]) -> dict[str, Any]:
    """Return what an order asks for."""
    days: dict[str, dict[str, Any]] = {}
    newest: deque[dict[str, Any]] = deque()
    before, broken, count, size = "", "", 0, 0
    marks: dict[int, str] = {}
    for path in sorted(Path(order["folder"]).glob("*.log")):
        if path.stem < order["first_day"]:
            continue
        day: dict[str, Any] = {"n": 0, "hash": "", "first": 0}
        try:
            for entry, found in entries(path, before):
                day = {"n": entry["n"], "hash": found, "first": day["first"] or entry["n"]}
                before = found
                if entry["n"] in order["marks"]:
                    marks[entry["n"]] = found
                if wanted(entry, order):
                    count, size = count + 1, size + len(entry["line"])
                    newest.append(entry)
                while len(newest) > order["most"] or size > MOST_TEXT:
                    size -= len(newest.popleft()["line"])
        except Broken as reason:
            broken = broken or str(reason)
            before = ""
        days[path.stem] = day
    return {"days": days, "broken": broken, "entries": list(newest), "count": count, "marks": marks}


if __name__ == "__main__":
    print(json.dumps(read(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
