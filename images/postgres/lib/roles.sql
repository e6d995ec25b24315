-- The roles of a server, and what its provisioner may do with tenants' roles. Run on the database `postgres` by
-- `have-roles`, at each start of a primary; run again, it mends what differs.
--
-- The provisioner makes, renames, copies and drops databases, which are its own: a tenant owns what is inside and not
-- the database, so nobody but the provisioner can rename it, mark it or change who is let in. It is no superuser and
-- cannot become one: it has no CREATEROLE, which in PostgreSQL 15 grants any role that is no superuser, those that run
-- programs among them (GRANT, "Notes"). What has to be done with roles is done by functions of the superuser's, each of
-- which does one thing to one role that has no power. No name with a dot in it is a council's.
--
-- What these functions do is said in the server's log, as statements of administrators are, but for the secrets.
BEGIN;
SET LOCAL log_statement = none; -- of this script; its version says all
DO $$ BEGIN RAISE LOG 'moothall: roles and functions are made'; END $$;
SELECT pg_advisory_xact_lock(hashtext('moothall'), hashtext('roles')) AS held \gset

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'base_sets')
        AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'moothall.base_sets') THEN
        ALTER ROLE base_sets RENAME TO "moothall.base_sets";
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'repl') THEN
        CREATE ROLE repl;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'provisioner') THEN
        CREATE ROLE provisioner;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'moothall.base_sets') THEN
        CREATE ROLE "moothall.base_sets";
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'moothall.frozen') THEN
        CREATE ROLE "moothall.frozen";
    END IF;
END $$;
ALTER ROLE repl NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS REPLICATION LOGIN;
ALTER ROLE provisioner NOSUPERUSER CREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION LOGIN;
ALTER ROLE "moothall.base_sets" NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION LOGIN;
ALTER ROLE "moothall.frozen" NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION NOLOGIN;

-- What a tenant, or a role of ours, is a member of since an older version, or was made one of by whomever. Being frozen
-- stays, and so do the doors to databases beside the own one.
DO $$ DECLARE granted record; BEGIN
    FOR granted IN
        SELECT role.rolname AS role, member.rolname AS member
        FROM pg_auth_members JOIN pg_roles role ON role.oid = roleid JOIN pg_roles member ON member.oid = member
        WHERE (member.rolname IN ('repl', 'provisioner', 'moothall.base_sets', 'moothall.frozen')
               OR EXISTS (SELECT FROM pg_database WHERE datname = member.rolname))
        AND NOT member.rolsuper AND role.rolname <> 'moothall.frozen'
        AND NOT starts_with(role.rolname, member.rolname || '.')
    LOOP
        EXECUTE format('REVOKE %I FROM %I', granted.role, granted.member);
    END LOOP;
END $$;
ALTER ROLE postgres SET log_statement = ddl;
ALTER ROLE provisioner SET log_statement = ddl;
GRANT pg_signal_backend TO provisioner;
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE postgres TO provisioner;

CREATE SCHEMA IF NOT EXISTS moothall;
REVOKE ALL ON SCHEMA moothall FROM PUBLIC;
GRANT USAGE ON SCHEMA moothall TO provisioner;

-- Refuse what is no tenant's role: by its name, and by what it may.
CREATE OR REPLACE FUNCTION moothall.check_tenant(tenant text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$ BEGIN
    IF tenant !~ '\A[a-z][a-z0-9_]{0,62}\Z' OR tenant ~ '\Apg_' OR tenant IN ('postgres', 'repl', 'provisioner')
        OR EXISTS (SELECT FROM pg_roles WHERE rolname = tenant
                   AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)) THEN
        RAISE insufficient_privilege USING MESSAGE = format('%L is no tenant''s role', tenant);
    END IF;
END $$;

-- Make a tenant's role, or give it this password: a SCRAM hash, or none, with which nobody comes from outside.
CREATE OR REPLACE FUNCTION moothall.have_tenant(tenant text, secret text, connections int) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN
    PERFORM moothall.check_tenant(tenant);
    RAISE LOG 'moothall: role % is had, its password set, % connections', tenant, connections;
    IF secret IS NOT NULL AND secret !~ '\ASCRAM-SHA-256\$' THEN
        RAISE invalid_password USING MESSAGE = 'a password comes as a SCRAM hash';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = tenant) THEN
        EXECUTE format('CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', tenant);
    END IF;
    EXECUTE format('ALTER ROLE %I LOGIN CONNECTION LIMIT %s PASSWORD %L', tenant, connections, secret);
END $$;

-- Write on a tenant's role whose it is.
CREATE OR REPLACE FUNCTION moothall.mark_tenant(tenant text, mark text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN
    PERFORM moothall.check_tenant(tenant);
    RAISE LOG 'moothall: role % is marked as %', tenant, mark;
    EXECUTE format('COMMENT ON ROLE %I IS %L', tenant, mark);
END $$;

-- Remove a tenant's role, if it is there. It cannot go before what it owns.
CREATE OR REPLACE FUNCTION moothall.drop_tenant(tenant text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ DECLARE door text; BEGIN
    PERFORM moothall.check_tenant(tenant);
    RAISE LOG 'moothall: role % is dropped', tenant;
    FOR door IN SELECT rolname FROM pg_roles WHERE starts_with(rolname, tenant || '.') LOOP
        EXECUTE format('DROP ROLE %I', door);
    END LOOP;
    EXECUTE format('DROP ROLE IF EXISTS %I', tenant);
EXCEPTION WHEN dependent_objects_still_exist OR lock_not_available THEN
    -- Another tenant has given it rights on something of its own, or is about to, and nobody else takes them back.
    IF EXISTS (SELECT FROM pg_shdepend JOIN pg_roles ON refobjid = pg_roles.oid
               WHERE refclassid = 'pg_authid'::regclass AND rolname = tenant AND deptype = 'o') THEN
        RAISE;
    END IF;
    EXECUTE format('COMMENT ON ROLE %I IS NULL', tenant);
    EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL', tenant);
    EXECUTE format('ALTER ROLE %I RENAME TO %I', tenant,
                   'moothall.left.' || (SELECT oid FROM pg_roles WHERE rolname = tenant));
END $$;

-- Let a tenant's role in from nowhere, or again: `pg_hba.conf` refuses the members of "moothall.frozen".
CREATE OR REPLACE FUNCTION moothall.set_frozen(tenant text, frozen boolean) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN
    PERFORM moothall.check_tenant(tenant);
    RAISE LOG 'moothall: role %: frozen %', tenant, frozen;
    IF frozen <> pg_has_role(tenant, 'moothall.frozen', 'MEMBER') THEN
        EXECUTE format(CASE WHEN frozen THEN 'GRANT %I TO %I' ELSE 'REVOKE %I FROM %I' END, 'moothall.frozen', tenant);
    END IF;
END $$;

-- Let the owner of base sets act as a tenant that has no database yet, or no more: it gives away what is in its copy.
CREATE OR REPLACE FUNCTION moothall.set_lent(tenant text, lent boolean) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN
    PERFORM moothall.check_tenant(tenant);
    RAISE LOG 'moothall: role %: lent to who fills templates %', tenant, lent;
    IF lent AND EXISTS (SELECT FROM pg_database WHERE datname = tenant) THEN
        RAISE insufficient_privilege USING MESSAGE = format('%s has a database', tenant);
    END IF;
    EXECUTE format(CASE WHEN lent THEN 'GRANT %I TO %I' ELSE 'REVOKE %I FROM %I' END, tenant, 'moothall.base_sets');
END $$;

-- Let a tenant's role into a database beside its own (`samerole` in `pg_hba.conf`), or no more.
CREATE OR REPLACE FUNCTION moothall.set_door(tenant text, database text, open boolean) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN
    PERFORM moothall.check_tenant(tenant);
    RAISE LOG 'moothall: role %: door to database % open %', tenant, database, open;
    IF NOT starts_with(database, tenant || '.') THEN
        RAISE insufficient_privilege USING MESSAGE = format('%L is no database of %s', database, tenant);
    END IF;
    EXECUTE format('DROP ROLE IF EXISTS %I', database);
    IF open THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', database);
        EXECUTE format('GRANT %I TO %I', database, tenant);
    END IF;
END $$;

-- Give a database beside its own to a tenant, so that it can write the mark on it within a transaction of its own.
CREATE OR REPLACE FUNCTION moothall.give(database text, tenant text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN
    PERFORM moothall.check_tenant(tenant);
    RAISE LOG 'moothall: database % is given to %', database, tenant;
    IF database <> tenant || '.before' THEN
        RAISE insufficient_privilege USING MESSAGE = format('%L is not to be given to %s', database, tenant);
    END IF;
    EXECUTE format('ALTER DATABASE %I OWNER TO %I', database, tenant);
END $$;

-- Make a database the provisioner's that a tenant owns; its settings go, its mark stays. The tenant is let in as before.
CREATE OR REPLACE FUNCTION moothall.take(database text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ DECLARE owner text; BEGIN
    SELECT rolname INTO owner FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba
    WHERE datname = database AND rolname <> 'provisioner';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM moothall.check_tenant(owner);
    RAISE LOG 'moothall: database % is taken from %', database, owner;
    EXECUTE format('ALTER DATABASE %I OWNER TO provisioner', database);
    EXECUTE format('ALTER DATABASE %I RESET ALL', database);
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', database);
    EXECUTE format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO %I', database, owner);
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA moothall FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA moothall TO provisioner;

-- Who left, and was held by others' rights then. Nobody who holds them now holds up the start.
SET LOCAL lock_timeout = '100ms';
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'moothall.left.') LOOP
        BEGIN
            EXECUTE format('DROP ROLE %I', name);
        EXCEPTION WHEN dependent_objects_still_exist OR lock_not_available THEN NULL;
        END;
    END LOOP;
END $$;
SET LOCAL lock_timeout = '5s';

-- What an older version froze.
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT datname FROM pg_database JOIN pg_roles ON rolname = datname WHERE datconnlimit = 0 LOOP
        PERFORM moothall.set_frozen(name, true);
        EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT -1', name);
    END LOOP;
END $$;
COMMIT;
