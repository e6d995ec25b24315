"""The kinds of traps: what a tenant may make of its own database, so that its code runs when others work in there.

Each is SQL that the tenant runs in its database, in the schema `public`. A trap calls `witness`, which tells the
server's log who it is that fell in. What PostgreSQL 15 lets only a superuser make is tried all the same, and refused.
"""

from __future__ import annotations

import re

WITNESS = """
CREATE FUNCTION witness(kind text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
    RAISE LOG 'TRAP % | session_user=% current_user=%', kind, session_user, current_user;
    BEGIN
        EXECUTE 'SET LOCAL ROLE NONE';
        RAISE LOG 'TRAP % | session_user=% current_user=%', kind, session_user, current_user;
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
    BEGIN
        EXECUTE 'CREATE TEMPORARY TABLE IF NOT EXISTS pg_class AS SELECT 1 AS oid, ''x''::name AS relname';
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
    RETURN true;
END $$
"""
"""Tells who runs it, tries to be whoever opened the session, and shadows the catalogue in that session."""


def telling(kind: str, signature: str, returns: str, value: str) -> str:
    """Return the statement that makes a function which calls `witness` and returns a value."""
    body = f"BEGIN PERFORM public.witness('{kind}'); RETURN {value}; END"
    return f"CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE plpgsql IMMUTABLE AS $$ {body} $$"


FUNCTIONS = {
    "function format": telling("format", "format(text, name, name, name)", "text", "'SELECT 1'"),
    "function format of one": telling("format", "format(text, name)", "text", "'SELECT 1'"),
    "function md5": telling("md5", "md5(text)", "text", "'f'"),
    "function left": telling("left", '"left"(text, integer)', "text", "'f'"),
    "function concat_ws": telling("concat_ws", "concat_ws(text, text, json)", "text", "'table'"),
    "function encode": telling("encode", "encode(bytea, text)", "text", "'00'"),
    "function sha256": telling("sha256", "sha256(bytea)", "bytea", "'\\x00'::bytea"),
    "function json_build_object": telling("json", "json_build_object(text, name, text, bigint)", "json", "'{}'::json"),
    "function xpath": telling("xpath", "xpath(text, xml)", "xml[]", "NULL"),
    "function query_to_xml": telling("xml", "query_to_xml(text, boolean, boolean, text)", "xml", "NULL"),
    "function position": telling("position", '"position"(name, text)', "integer", "0"),
    "function pg_size": telling("size", "pg_database_size(name)", "bigint", "0"),
}
CALLS = "CREATE AGGREGATE {0} (SFUNC = told_sum, STYPE = bigint, INITCOND = '0')"
TABLE = "CREATE TABLE bait (id int PRIMARY KEY, word text, at timestamp)"
FILL = "INSERT INTO bait VALUES (1, 'one', '2026-01-01'), (2, 'two', '2026-02-01')"
COMPARE = telling("operator", "told_compare(text, name)", "boolean", "true")

ON_TABLES = {
    "cast of a row": (
        telling("cast", "told_cast(bait)", "text", "'x'"),
        "CREATE CAST (bait AS text) WITH FUNCTION told_cast(bait) AS IMPLICIT",
    ),
    "cast of an own type": (
        "CREATE TYPE colour AS ENUM ('red')",
        telling("enum", "told_colour(colour)", "text", "'x'"),
        "CREATE CAST (colour AS text) WITH FUNCTION told_colour(colour) AS IMPLICIT",
        "CREATE TABLE coloured (c colour)",
        "INSERT INTO coloured VALUES ('red')",
    ),
    "operator": (COMPARE, "CREATE OPERATOR = (LEFTARG = text, RIGHTARG = name, FUNCTION = told_compare)"),
    "operator ||": (
        telling("concatenation", "told_concat(text, name)", "text", "'x'"),
        "CREATE OPERATOR || (LEFTARG = text, RIGHTARG = name, FUNCTION = told_concat)",
    ),
    "operator of moments": (
        telling("moments", "told_later(timestamp, timestamp)", "boolean", "true"),
        "CREATE OPERATOR > (LEFTARG = timestamp, RIGHTARG = timestamp, FUNCTION = told_later)",
    ),
    "aggregate": (telling("aggregate", "told_sum(bigint, bigint)", "bigint", "$1"), CALLS.format("sum(bigint)")),
    "aggregate count": (
        telling("aggregate", "told_count(bigint)", "bigint", "$1"),
        CALLS.format("count(*)").replace("told_sum", "told_count"),
    ),
    "trigger": (
        "CREATE FUNCTION told_row() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM public.witness('trigger'); RETURN NEW; END $$",
        "CREATE TRIGGER told BEFORE INSERT OR UPDATE OR DELETE ON bait FOR EACH ROW EXECUTE FUNCTION told_row()",
        "CREATE TRIGGER told_all AFTER INSERT OR TRUNCATE ON bait FOR EACH STATEMENT EXECUTE FUNCTION told_row()",
        "ALTER TABLE bait ENABLE ALWAYS TRIGGER told",
    ),
    "default": ("ALTER TABLE bait ADD COLUMN more boolean DEFAULT public.witness('default')",),
    "generated column": (
        "ALTER TABLE bait ADD COLUMN made boolean GENERATED ALWAYS AS (public.witness('generated')) STORED",
    ),
    "rule": ("CREATE RULE told AS ON INSERT TO bait DO ALSO SELECT public.witness('rule')",),
    "check": ("ALTER TABLE bait ADD CONSTRAINT told CHECK (public.witness('check ' || word) OR id > 0)",),
    "domain": (
        "CREATE DOMAIN wary AS text CHECK (public.witness('domain ' || VALUE))",
        "CREATE TABLE domains (w wary)",
        "INSERT INTO domains VALUES ('x')",
    ),
    "index expression": ("CREATE INDEX told ON bait ((public.witness('index ' || word)))",),
    "index predicate": ("CREATE INDEX told_some ON bait (id) WHERE public.witness('predicate ' || word)",),
    "exclusion": (
        "ALTER TABLE bait ADD EXCLUDE USING btree ((public.witness('exclusion') AND id > 1) WITH =) WHERE (id > 1)",
    ),
    "statistics": ("CREATE STATISTICS told_statistics ON (public.witness('statistics ' || word)), id FROM bait",),
    "partitions": (
        "CREATE TABLE parted (id int) PARTITION BY RANGE ((public.witness('partition')::int + id))",
        "CREATE TABLE parted_all PARTITION OF parted DEFAULT",
        "INSERT INTO parted VALUES (1)",
    ),
    "range type": (
        # No `witness`: an error that is caught within GiST takes the locks away that it holds.
        "CREATE FUNCTION told_difference(float8, float8) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN "
        "RAISE LOG 'TRAP range | session_user=% current_user=%', session_user, current_user; RETURN $1 - $2; END $$",
        "CREATE TYPE floats AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = told_difference)",
        "CREATE TABLE ranges (r floats)",
        "CREATE INDEX told_ranges ON ranges USING gist (r)",
        "INSERT INTO ranges SELECT floats(i, i + 1) FROM generate_series(1, 300) i",
    ),
    "materialized view": (
        "CREATE MATERIALIZED VIEW told_view AS SELECT public.witness('materialized') AS w, id FROM bait",
    ),
    "view": ("CREATE VIEW ir_module_view AS SELECT public.witness('view') AS w",),
    "definer": (
        "CREATE FUNCTION definer() RETURNS boolean LANGUAGE sql SECURITY DEFINER AS "
        "$$ SELECT public.witness('definer') $$",
        "CREATE VIEW defined AS SELECT definer()",
    ),
    "own schema": ("CREATE SCHEMA durham", telling("schema", "durham.md5(text)", "text", "'f'")),
    "inheritance": (
        "CREATE TABLE child (CHECK (public.witness('child ' || word))) INHERITS (bait)",
        "INSERT INTO child VALUES (3, 'x', NULL)",
    ),
    "foreign key": (
        "CREATE TABLE pointing (id int REFERENCES bait ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)",
        "INSERT INTO pointing VALUES (1)",
    ),
    "collation": (
        "CREATE COLLATION told (provider = icu, locale = 'und')",
        "ALTER TABLE bait ADD COLUMN sorted text COLLATE told",
    ),
    "trusted extension": (
        "CREATE EXTENSION citext",
        "CREATE TABLE folded (c citext)",
        "INSERT INTO folded VALUES ('A')",
    ),
    "odd tables": (
        "CREATE TABLE nothing ()",
        "CREATE UNLOGGED TABLE passing (x int)",
        "ALTER TABLE bait ADD COLUMN gone int",
        "ALTER TABLE bait DROP COLUMN gone",
    ),
    "large object": ("SELECT lo_from_bytea(0, '\\xff00')",),
    "publication": ("CREATE PUBLICATION told FOR TABLE bait",),
}
_EVERY = "(SELECT string_agg(chr(i), '') FROM generate_series(1, 255) i)"
NAMES = {
    "names of every byte": (
        f"DO $$ BEGIN EXECUTE format('CREATE TABLE %I (%I int)', left({_EVERY}, 40), right({_EVERY}, 30)); END $$",
        f"DO $$ BEGIN EXECUTE format('CREATE TABLE %I (x int)', right({_EVERY}, 30)); END $$",
        "CREATE TABLE \"x'; SELECT public.witness('name'); --\" (x int)",
        'CREATE TABLE "%I %L \\gexec" (x int)',
    ),
    "comments of every byte": (
        f"DO $$ BEGIN EXECUTE format('COMMENT ON TABLE bait IS %L', {_EVERY}); END $$",
        "COMMENT ON COLUMN bait.word IS '\\! touch /tmp/owned'",
    ),
}
SETTINGS = {
    "setting search_path": ("ALTER ROLE durham SET search_path = public, pg_catalog",),
    "setting strings": (
        "ALTER ROLE durham SET standard_conforming_strings = off",
        "ALTER ROLE durham SET backslash_quote = on",
    ),
    "setting forms": (
        "ALTER ROLE durham SET DateStyle = 'German'",
        "ALTER ROLE durham SET bytea_output = escape",
        "ALTER ROLE durham SET extra_float_digits = -15",
        "ALTER ROLE durham SET TimeZone = 'Asia/Kathmandu'",
        "ALTER ROLE durham SET xmloption = document",
        "ALTER ROLE durham SET client_encoding = latin1",
        "ALTER ROLE durham SET quote_all_identifiers = on",
    ),
    "setting limits": (
        "ALTER ROLE durham SET statement_timeout = 1",
        "ALTER ROLE durham SET default_transaction_read_only = on",
    ),
}
TOGETHER: dict[str, tuple[str, ...]] = {
    **NAMES,
    **ON_TABLES,
    **{name: (statement,) for name, statement in FUNCTIONS.items()},
    **SETTINGS,
}
"""Those beside which everything can still be read."""

ATTACHMENTS = (
    "ir_attachment AS SELECT 7 AS id, 'a'::text AS name, NULL::text AS resource, 'data'::text AS type,"
    " NULL::text AS link"
)
ALONE: dict[str, tuple[str, ...]] = {
    "attachments as a view": (
        "DROP TABLE ir_attachment",
        f"CREATE VIEW {ATTACHMENTS}, 'x'::bytea AS data WHERE public.witness('attachments')",
    ),
    "modules as a view": (
        "DROP TABLE ir_module",
        "CREATE VIEW ir_module AS SELECT 'sale'::text AS name, 'activated'::text AS state "
        "WHERE public.witness('modules')",
    ),
    "ids as text": (
        "ALTER TABLE ir_attachment ALTER id TYPE text",
        "INSERT INTO ir_attachment VALUES ('../../x', 'x', NULL, 'data', NULL, 'x')",
    ),
    "row security": (
        "ALTER TABLE bait ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE bait FORCE ROW LEVEL SECURITY",
        "CREATE POLICY told ON bait USING (public.witness('policy'))",
    ),
    "a check that fails elsewhere": (
        "ALTER TABLE bait ADD CHECK (current_database() = 'durham' AND public.witness('strict ' || word))",
    ),
    "a check that sleeps elsewhere": (
        "ALTER TABLE bait ADD CHECK (public.witness('slow') AND "
        "(current_database() = 'durham' OR pg_sleep(2) IS NOT NULL))",
    ),
    "setting role": ("ALTER ROLE durham SET role = durham",),
    "no tables": ("DROP TABLE ir_attachment", "DROP TABLE ir_module"),
    "no schema": (
        "CREATE SCHEMA other",
        "ALTER TABLE ir_module SET SCHEMA other",
        "ALTER TABLE ir_attachment SET SCHEMA other",
    ),
    "dates that are none": (
        "CREATE TABLE dated (create_date timestamp, write_date timestamp)",
        "INSERT INTO dated VALUES ('infinity', '-infinity'), ('0044-03-15 BC', NULL)",
    ),
}
"""Those that change what reading gives, or end it."""

REFUSED: dict[str, str] = {
    "operator class": "CREATE OPERATOR CLASS told FOR TYPE text USING btree AS FUNCTION 1 bttextcmp(text, text)",
    "event trigger": "CREATE EVENT TRIGGER told ON ddl_command_start EXECUTE FUNCTION told_row()",
    "base type": "CREATE TYPE told",
    "cast between the server's types": "CREATE CAST (name AS int) WITH INOUT AS IMPLICIT",
    "untrusted language": "CREATE FUNCTION c() RETURNS int LANGUAGE c AS 'x', 'y'",
    "foreign server": "CREATE EXTENSION postgres_fdw",
    "subscription": "CREATE SUBSCRIPTION told CONNECTION 'dbname=durham' PUBLICATION told WITH (connect = false)",
    "setting of the database": "ALTER DATABASE durham SET search_path = public, pg_catalog",
    "limit of the database": "ALTER DATABASE durham CONNECTION LIMIT -1",
    "name of the database": "ALTER DATABASE durham RENAME TO derwentside",
    "mark on the database": "COMMENT ON DATABASE durham IS 'moothall: being made'",
    "mark on the role": "COMMENT ON ROLE durham IS 'moothall: council other'",
    "leaving the frozen": 'REVOKE "moothall.frozen" FROM durham',
    "replication role": "ALTER ROLE durham SET session_replication_role = replica",
    "libraries": "ALTER ROLE durham SET session_preload_libraries = 'x'",
    "the provisioner's functions": "SELECT moothall.set_frozen('durham', false)",
    "catalogue": "CREATE FUNCTION pg_catalog.format(text, name) RETURNS text LANGUAGE sql AS 'SELECT 1::text'",
}
"""Those that the server lets nobody but its superuser make, or the owner of the database."""

FIRST = (WITNESS, TABLE, FILL)
MAY_FAIL: dict[str, set[str]] = {
    "ids as text": {"attachments", "leave"},
    "row security": {"leave", "carry"},
    "a check that fails elsewhere": {"leave", "carry"},
    "no tables": {"attachments", "leave"},
    "no schema": {"attachments", "leave"},
}
"""What may end with a reason, by the kind: what it says cannot be read, or restored, is so."""
CARELESS = (
    "SELECT format('%s'::text, relname, relname, relname), format('%I'::text, relname) FROM pg_class LIMIT 1",
    """SELECT md5(word), "left"(word, 1) FROM bait""",
    "SELECT concat_ws('x'::text, 'y'::text, '{}'::json), encode('x'::bytea, 'hex'::text), sha256('x'::bytea)",
    "SELECT json_build_object('a'::text, relname, 'b'::text, 1::bigint) FROM pg_class LIMIT 1",
    "SELECT xpath('/x'::text, '<x/>'::xml), query_to_xml('SELECT 1'::text, true, false, ''::text)",
    """SELECT "position"(relname, 'a'::text) FROM pg_class LIMIT 1""",
    "SELECT pg_database_size('durham'::name)",
    "SELECT bait::text FROM bait",
    "SELECT c::text FROM coloured",
    "SELECT 'a'::text = relname, 'a'::text || relname FROM pg_class LIMIT 1",
    "SELECT at > at FROM bait",
    "SELECT sum(id::bigint), count(*) FROM bait",
    "INSERT INTO bait (id, word) VALUES (10, 'ten')",
    "INSERT INTO domains VALUES ('y')",
    "ANALYZE bait",
    "INSERT INTO parted VALUES (2)",
    "INSERT INTO ranges SELECT floats(i, i + 1) FROM generate_series(1, 900) i",
    "REFRESH MATERIALIZED VIEW told_view",
    "SELECT w FROM ir_module_view",
    "SELECT * FROM defined",
    "SELECT durham.md5('x')",
    "INSERT INTO child VALUES (4, 'y', NULL)",
)
"""What falls into every trap that is one."""


def words() -> set[str]:
    """Return the first word that each trap tells; a name tells none where it is taken for one."""
    statements = [statement for name, kind in TOGETHER.items() if name not in NAMES for statement in kind]
    return {word for statement in statements for word in re.findall(r"witness\('(\w+)", statement)}
