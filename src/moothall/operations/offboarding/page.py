"""The page in an export that says what it is and how to run it, with moothall and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

from moothall import private
from moothall.operations.offboarding.manifest import Manifest
from moothall.operations.offboarding.standalone_definitions import FOLDER, partnership_name
from moothall.report.markdown import code, plain

NAME = "README.md"


def write(folder: Path, manifest: Manifest) -> None:
    """Write the page of an export."""
    private.write(folder / NAME, "".join(_page(manifest)))


def _page(manifest: Manifest) -> Iterator[str]:
    council, versions = manifest["council"], manifest["versions"]
    yield dedent(f"""\
        # {plain(council["title"])}: everything it had in {plain(manifest["partnership"])}

        Taken {plain(manifest["taken"])} by {plain(manifest["by"])}: one folder for each instance, with the dump of the
        database (the custom format of PostgreSQL {versions["postgresql"]}; `pg_restore --list` shows what is in it) and
        every attachment as a file. `manifest.json` has the rows of each table and the SHA-256 of each file, `proof.md`
        says what was found when all of it was restored. Users' passwords are in the database, as hashes; who was signed
        in at the moment is left out, and so is every secret of the partnership.

        ## Alone, with moothall

        The definitions of a partnership of one are in `{FOLDER}/`. This stands it up, loads the data, signs in, and
        takes it down again; with `--keep-standing` it stays, and says where:

        ```
        moothall decommission {council["name"]} --rehearse . --keep-standing
        ```

        Its networks are in `{FOLDER}/partnerships/{partnership_name(council["name"])}/`, and may be changed first.

        ## Alone, without moothall

        On a Debian 12 machine, for each instance:

        """)
    for instance, tenant in manifest["tenants"].items():
        yield _manual_instructions(instance, tenant)


def _manual_instructions(instance: str, tenant: Manifest) -> str:
    database, port = tenant["database"], 8000
    return dedent(f"""\
        {code(instance)}, {plain(tenant["title"])}:

        ```
        apt-get install postgresql-15 python3-venv
        su postgres -c 'createuser --pwprompt {database}'
        su postgres -c 'createdb --owner {database} --template template0 {database}'
        su postgres -c 'pg_restore --no-owner --role {database} --exit-on-error -d {database}' < {tenant["dump"]}
        python3 -m venv tryton && tryton/bin/pip install --require-hashes -r requirements.txt
        printf '%s\\n' '[database]' 'uri = postgresql://{database}:PASSWORD@localhost/' \\
            '[attachment]' 'filestore = False' '[document_incoming]' 'filestore = False' > trytond.conf
        tryton/bin/trytond-admin -c trytond.conf -d {database} --password   # a new one for the user admin
        TRYTOND_CONFIG=trytond.conf TRYTOND_DATABASE_NAMES={database} \\
            tryton/bin/gunicorn --bind 127.0.0.1:{port} --threads 8 trytond.application:app
        ```

        """)
