"""Make the base sets: databases with modules activated already, dumped, so that a tenant is ready in seconds.

Run once, while the image is built, beside a PostgreSQL on the socket in /tmp: `make-sets.py SETS.json TARGET`.
Each set starts as a copy of the one it is from; the branches after the first are made at the same time. A set is
`TARGET/NAME.dump`, and `TARGET/NAME.json` lists the modules that are activated in it.
"""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
from psycopg import sql

CONFIG = Path("/tmp/trytond.conf")
NO_PASSWORD = Path("/tmp/no-password")
ADDRESS = "admin@example.org"


def address(database: str) -> str:
    """Return how a database of the build's own server is reached."""
    return f"host=/tmp user=postgres dbname={database}"


def create(name: str, template: str | None) -> None:
    """Make the database of a set, empty or as a copy."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template or "template0")
    )
    with psycopg.connect(address("postgres"), autocommit=True) as connection:
        connection.execute(statement)
    # trytond asks the catalogue thousands of times; without fresh statistics each answer takes tens of milliseconds.
    with psycopg.connect(address(name), autocommit=True) as connection:
        connection.execute("ANALYZE")


def activate(name: str, modules: list[str]) -> None:
    """Activate the modules with all that they need. trytond only logs some faults, so its log must be empty."""
    command = [
        "trytond-admin",
        "-c",
        str(CONFIG),
        "-d",
        name,
        "-u",
        *modules,
        "--activate-dependencies",
        "--email",
        ADDRESS,
    ]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/opt/t/bin:/usr/bin:/bin", "TRYTONPASSFILE": str(NO_PASSWORD)},
    )
    if done.returncode or " ERROR " in done.stderr:
        sys.exit(f"activating {modules} in {name} failed:\n{done.stderr[-3000:]}")


def finish(name: str, target: Path) -> None:
    """Take the build's password and address away, dump the set and list its modules."""
    with psycopg.connect(address(name)) as connection:
        connection.execute("UPDATE res_user SET password_hash = NULL, email = NULL")
        rows = connection.execute("SELECT name FROM ir_module WHERE state = 'activated' ORDER BY name").fetchall()
    (target / f"{name}.json").write_text(json.dumps([row[0] for row in rows], indent=1) + "\n")
    subprocess.run(["pg_dump", "-Fc", "-d", address(name), "-f", str(target / f"{name}.dump")], check=True)


def make(name: str, sets: dict, target: Path) -> None:
    """Make a set and, from it, all that start from it."""
    started = time.monotonic()
    create(name, sets[name]["from"])
    activate(name, sets[name]["modules"])
    finish(name, target)
    print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
    followers = [other for other, wanted in sets.items() if wanted["from"] == name]
    with ThreadPoolExecutor(max(1, len(followers))) as pool:
        list(pool.map(lambda other: make(other, sets, target), followers))


def main(sets: dict, target: Path) -> None:
    """Make every set, from the ones that start from nothing."""
    CONFIG.write_text("[database]\nuri = postgresql://postgres@/?host=/tmp\n")
    NO_PASSWORD.write_text("only-while-building\n")
    for name, wanted in sets.items():
        if wanted["from"] is None:
            make(name, sets, target)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
