"""PostgreSQL in memory: databases and roles of a cluster, and the statements of `moothall.postgres` obeyed on them.

A statement that is not known here fails the test: what moothall asks for is to be recognised, never passed over.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

Values = Mapping[str, str]
OWN = ("postgres", "template0", "template1")
"""The databases that every server has."""
CHANGING = ("ALTER", "BEGIN", "COMMENT", "CREATE", "DROP", "GRANT", "REVOKE", "INSERT")
FUNCTION = re.compile(r"SELECT moothall[.](\w+)")
"""A change that the provisioner asks for; `take` is asked for before others, and changes nothing of what is here."""
_FORMER = re.compile(r"[.]before-[0-9]{8}t[0-9]{6}")


class Failed(Exception):
    """A statement failed; the text is the server's."""


@dataclass
class Database:
    """A database: by table its rows, each a text and when it was changed (ISO 8601); attachments by their id.

    `tenant` is the role that is let in, `guests` are connections, `mark` is the comment on it.
    """

    tenant: str
    tables: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    attachments: dict[int, str] = field(default_factory=dict)
    guests: int = 0
    mark: str = ""

    def dumped(self) -> bytes:
        """Return what pg_dump makes of it: the content alone."""
        return json.dumps({"tables": self.tables, "attachments": self.attachments}).encode()

    def fill(self, dump: bytes) -> None:
        """Put in what a dump holds; what was there stays, so that a dump put in twice is seen."""
        found = json.loads(dump)
        for name, rows in found["tables"].items():
            self.tables.setdefault(name, []).extend((text, moment) for text, moment in rows)
        self.attachments |= {int(number): text for number, text in found["attachments"].items()}

    @property
    def content(self) -> dict[str, object]:
        """What is in it, for comparing."""
        found = asdict(self)
        return {"tables": found["tables"], "attachments": found["attachments"]}


@dataclass
class Cluster:
    """A server's databases, and its roles with the comments on them; `bound` while a restore's end is in its settings.

    `frozen` are the roles that are let in from nowhere. `follows` says that it takes no writes, `trials` are the
    moments of what was written on purpose. Each promotion begins another `timeline`.
    """

    databases: dict[str, Database]
    roles: dict[str, str]
    follows: bool = False
    bound: bool = False
    trials: list[float] = field(default_factory=list)
    frozen: set[str] = field(default_factory=set)
    timeline: int = 2

    def database(self, name: str) -> Database:
        """Return a database. Raises Failed."""
        if name not in self.databases:
            raise Failed(f'FATAL:  database "{name}" does not exist')
        return self.databases[name]

    @property
    def content(self) -> dict[str, object]:
        """What is in each database that is somebody's, for comparing."""
        return {name: found.content for name, found in self.databases.items() if name not in OWN}


def changes(script: str) -> str:
    """Return in two words what a script changes, empty where it only asks."""
    for statement in _statements(script):
        if statement.startswith(CHANGING):
            return "RENAME" if statement.startswith("BEGIN") else " ".join(statement.split()[:2])
    for name in FUNCTION.findall(script):
        return str(name)
    return "END SESSIONS" if "pg_terminate_backend" in script else ""


def let_in(cluster: Cluster, role: str, database: str) -> None:
    """Hold a role against the access rules of the socket (images/postgres/lib/local-access.conf). Raises Failed."""
    own = role in ("postgres", "provisioner")
    if own != (database == "postgres") or not (own or database == role or database.startswith(f"{role}.")):
        raise Failed(f'FATAL:  pg_hba.conf rejects connection for user "{role}", database "{database}"')
    if not own and role not in cluster.roles:
        raise Failed(f'FATAL:  role "{role}" does not exist')


def answer(cluster: Cluster, role: str, database: str, script: str, values: Values) -> str:
    """Do what a script asks for as a role, and return what psql prints. Raises Failed."""
    let_in(cluster, role, database)
    if database not in OWN:
        cluster.database(database)
    before = dict(cluster.databases)
    try:
        said = [_one(cluster, database, statement, values) for statement in _statements(script)]
    except Failed:
        if "BEGIN" in _statements(script):  # what is in a transaction is done as a whole
            cluster.databases = before
        raise
    return "\n".join(line for line in said if line)


def _statements(script: str) -> list[str]:
    return [statement.strip() for statement in script.split(";\n") if statement.strip()]


def _one(cluster: Cluster, database: str, statement: str, values: Values) -> str:
    for known, obey in _KNOWN.items():
        if known in statement:
            return obey(cluster, database, values)
    raise AssertionError(f"a statement that nobody knows here: {statement}")


def _yes(true: object) -> str:
    return "1" if true else ""


def _drop(cluster: Cluster, database: str, values: Values) -> str:
    cluster.databases.pop(values["name"], None)
    return ""


def _create(cluster: Cluster, database: str, values: Values) -> str:
    if values["tenant"] not in cluster.roles:
        raise Failed(f'ERROR:  role "{values["tenant"]}" does not exist')
    cluster.databases[values["name"]] = Database(values["tenant"])
    return ""


def _drop_role(cluster: Cluster, database: str, values: Values) -> str:
    """A role that may do something with a database stays (PostgreSQL 15, DROP ROLE)."""
    owned = [name for name, found in cluster.databases.items() if found.tenant == values["name"]]
    if owned:
        raise Failed(f'ERROR:  role "{values["name"]}" cannot be dropped because some objects depend on it')
    cluster.roles.pop(values["name"], None)
    return ""


def _create_role(cluster: Cluster, database: str, values: Values) -> str:
    cluster.roles[values["name"]] = ""
    return ""


def _mark(cluster: Cluster, database: str, values: Values) -> str:
    cluster.database(values["name"]).mark = values["mark"]
    return ""


def _set_frozen(cluster: Cluster, database: str, values: Values) -> str:
    change = cluster.frozen.add if values["frozen"] == "true" else cluster.frozen.discard
    change(values["name"])
    return ""


def _is_frozen(cluster: Cluster, database: str, values: Values) -> str:
    name = values["name"]
    if name not in cluster.roles:
        return ""
    guests = cluster.databases[name].guests if name in cluster.databases else 0
    return f"{'t' if name in cluster.frozen else 'f'}|{guests}"


def _end(cluster: Cluster, database: str, values: Values) -> str:
    found = cluster.database(values["name"])
    ended, found.guests = found.guests, 0
    return str(ended)


def _rename(old: str, new: str) -> Callable[[Cluster, str, Values], str]:
    def obey(cluster: Cluster, database: str, values: Values) -> str:
        cluster.database(values[old])
        if values[new] in cluster.databases:
            raise Failed(f'ERROR:  database "{values[new]}" already exists')
        cluster.databases[values[new]] = cluster.databases.pop(values[old])
        return ""

    return obey


def _others(cluster: Cluster, database: str, values: Values) -> str:
    return "\n".join(name for name in cluster.databases if name not in (*OWN, values["only"]))


def _names(cluster: Cluster, database: str, values: Values) -> str:
    name = values["name"]
    return "\n".join(sorted(each for each in cluster.databases if each == name or each.startswith(f"{name}.")))


def _former(cluster: Cluster, database: str, values: Values) -> str:
    name = values["name"]
    found = (each for each in cluster.databases if each.startswith(name) and _FORMER.fullmatch(each[len(name) :]))
    return "\n".join(sorted(found))


def _reset(cluster: Cluster, database: str, values: Values) -> str:
    cluster.bound = False
    return ""


def _look(cluster: Cluster, database: str, values: Values) -> str:
    since = values["since"].replace(" ", "T")
    tables = [
        [
            name,
            len(rows),
            0 if since == "infinity" else sum(moment > since for _, moment in rows),
            max((moment for _, moment in rows), default=""),
        ]
        for name, rows in cluster.database(database).tables.items()
    ]
    return json.dumps({"size": 1, "tables": tables})


def _first(cluster: Cluster, database: str, values: Values) -> str:
    after, until = (values[name].replace(" ", "T") for name in ("after", "until"))
    moments = [moment for rows in cluster.database(database).tables.values() for _, moment in rows]
    return json.dumps({"first": min((each for each in moments if after < each <= until), default=None)})


def _write(cluster: Cluster, database: str, values: Values) -> str:
    cluster.trials.append(1_212_310_800.0 + len(cluster.trials))
    return str(cluster.trials[-1])


_KNOWN: dict[str, Callable[[Cluster, str, Values], str]] = {
    "pg_is_in_recovery": lambda cluster, database, values: "t" if cluster.follows else "f",
    "SELECT 1 FROM pg_database": lambda cluster, database, values: _yes(values["name"] in cluster.databases),
    "SELECT 1 FROM pg_roles": lambda cluster, database, values: _yes(values["name"] in cluster.roles),
    "pg_has_role": _is_frozen,
    "moothall.set_frozen": _set_frozen,
    "moothall.have_tenant": _create_role,
    "moothall.drop_tenant": _drop_role,
    "moothall.take": lambda cluster, database, values: "",
    "IN (datname, usename)": _end,
    "pg_terminate_backend": lambda cluster, database, values: "",
    "DROP DATABASE": _drop,
    "IS_TEMPLATE": lambda cluster, database, values: "",
    "CREATE DATABASE": _create,
    "REVOKE ALL": lambda cluster, database, values: "",
    "GRANT CONNECT": lambda cluster, database, values: "",
    "COMMENT ON DATABASE": _mark,
    "shobj_description": lambda cluster, database, values: cluster.roles.get(values["name"], ""),
    "datname NOT IN": _others,
    "datname ~ ": _former,
    "starts_with": _names,
    "BEGIN": lambda cluster, database, values: "",
    "COMMIT": lambda cluster, database, values: "",
    'ALTER DATABASE :"name" RENAME TO': _rename("name", "kept"),
    'ALTER DATABASE :"source" RENAME TO': _rename("source", "name"),
    "SELECT 1": lambda cluster, database, values: "1",
    "ANALYZE": lambda cluster, database, values: "",
    "pg_current_xact_id": lambda cluster, database, values: "7",
    "pg_walfile_name": lambda cluster, database, values: "000000010000000000000003",
    "last_archived_wal": lambda cluster, database, values: "t",
    "pg_last_xact_replay_timestamp": lambda cluster, database, values: "1209600000",
    "ALTER SYSTEM RESET": _reset,
    "pg_reload_conf": lambda cluster, database, values: "t",
    "json_build_object('size'": _look,
    "pg_database_size": lambda cluster, database, values: "1000",
    "json_build_object('first'": _first,
    "CREATE TABLE IF NOT EXISTS public.drill": lambda cluster, database, values: "",
    "INSERT INTO public.drill": _write,
    "max(at)": lambda cluster, database, values: str(max(cluster.trials, default=0)),
    "SHOW server_version": lambda cluster, database, values: "15.18 (Debian 15.18-1)",
}


def told(database: Database) -> list[str]:
    """Return the lines that tell of the tables of a database (`moothall.postgres.content.STATEMENTS`)."""
    return [
        "table\t" + json.dumps({"table": name, "rows": len(rows), "digest": _digest(rows)})
        for name, rows in sorted(database.tables.items())
    ]


def _digest(rows: list[tuple[str, str]]) -> str:
    return str(sum(int(hashlib.sha256("|".join(row).encode()).hexdigest()[:15], 16) for row in rows))
