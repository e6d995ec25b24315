"""The programs of images/postgres in memory, and the scripts that stream out of one: what each prints and changes."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from fnmatch import fnmatch
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.fakes import postgres
from tests.fakes.containers import Container
from tests.fakes.postgres import Database
from tests.fakes.switching import SWITCHING

from moothall.docker_engine.one_off import ContainerResult
from moothall.postgres.paths import DATA

if TYPE_CHECKING:
    from tests.fakes.servers import Servers


def _pgbackrest(machine: Servers, made: Container, words: list[str]) -> str:
    if "repo-ls" in words:
        return "{}"
    there = {"timestamp": {"stop": machine.since}, "archive": {"stop": "000000010000000000000002"}}
    names = [{"name": name} for name in (machine.backup.databases if machine.backup else ())]
    backup = {"label": "F", "error": False, "database-ref": names, "database": {"repo-key": 1}, **there}
    return json.dumps([{"backup": [backup] if machine.backup else [], "repo": [{"key": 1}]}])


def _prepare_cluster(machine: Servers, made: Container, words: list[str]) -> str:
    machine.step(f"prepare {words[0]} in {made.name}")
    made.data.beside[words[0]] = machine.restored()
    return ""


def _pg_dump(machine: Servers, made: Container, words: list[str]) -> str:
    machine.step(f"dump in {made.name}")
    assert made.data.cluster
    files, name = made.locate(words[-1])
    files[name] = made.data.cluster.database(_entered(made, words)).dumped()
    return ""


def _pg_restore(machine: Servers, made: Container, words: list[str]) -> str:
    machine.step(f"fill in {made.name}")
    assert made.data.cluster
    files, name = made.locate(words[-1])
    made.data.cluster.database(_entered(made, words)).fill(files[name])
    return ""


def _entered(made: Container, words: list[str]) -> str:
    """Return the database that a program works in, as the role that it says."""
    role, database = (words[words.index(option) + 1] for option in ("-U", "-d"))
    assert made.data.cluster
    postgres.let_in(made.data.cluster, role, database)
    return database


def _rm(machine: Servers, made: Container, words: list[str]) -> str:
    machine.step(f"rm in {made.name}")
    for path in words:
        files, name = made.locate(path)
        files.pop(name, None)
        made.data.beside.pop(name, None)
    return ""


def _find(machine: Servers, made: Container, words: list[str]) -> str:
    patterns = [pattern for option, pattern in pairwise(words) if option == "-name"]
    names = [*made.data.beside, *made.data.files]
    return "\n".join(f"{DATA}/{name}" for name in names if any(fnmatch(name, pattern) for pattern in patterns))


def _ready(machine: Servers, made: Container, words: list[str]) -> str:
    return ""


def _df(machine: Servers, made: Container, words: list[str]) -> str:
    return f"Avail\n{machine.free}\n"


PROGRAMS: dict[str, Callable[[Servers, Container, list[str]], str | ContainerResult]] = {
    "pgbackrest": _pgbackrest,
    "prepare-cluster": _prepare_cluster,
    "pg_dump": _pg_dump,
    "pg_restore": _pg_restore,
    "rm": _rm,
    "find": _find,
    "ready": _ready,
    "write-access": lambda machine, made, words: "",
    "df": _df,
    **SWITCHING,
}
"""By the name, what a program does with a machine, a container and the words after its name, and what it prints."""


def streamed(database: Database, script: str) -> ContainerResult:
    """Return what a script prints that tells of a database, and dumps it where it is to."""
    lines = postgres.told(database)
    if "pg_dump" in script:
        lines += [f"attachment\t{_attachment(*each)}" for each in database.attachments.items()]
        lines += ['module\t{"name": "party"}', "dump complete"]
        return ContainerResult(0, database.dumped().decode(), _text(lines))
    if "ir_attachment" in script:
        lines = [_hashed(*each) for each in database.attachments.items()]
    return ContainerResult(0, _text(lines), "")


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _attachment(number: int, text: str) -> str:
    members = {"id": number, "name": "letter.txt", "resource": None, "type": "data", "link": None}
    return f"{json.dumps(members)}\t{b64encode(text.encode()).decode()}"


def _hashed(number: int, text: str) -> str:
    return json.dumps({"id": number, "sha256": sha256(text.encode()).hexdigest()})
