"""The WSGI application of a tenant: trytond, behind a door that opens while the instance's server here is the primary.

Beside a standby the models are loaded, read only, and nobody is served: the door opens within a moment of the server's
promotion, and closes when the server becomes a standby again; the models stay. `GET /<tenant>/ready` is for health
checks: an RPC would do as a question, but trytond logs an error for each session that it does not know, and there is no
session without a credential. HAProxy says in a header what it takes this server for. While that is right the answer is
held back, for some seconds: who asks hears of a change at once, and need not ask often.
"""

import gc
import itertools
import logging
import os
import re
import threading
import time

import psycopg

# trytond.application would load the models of the databases named here and refuse to serve while a thread of its
# connections' pool is still ending, as one does on a busy machine. That guards a fork, and here is none.
TENANT = os.environ.pop("TRYTOND_DATABASE_NAMES")

from tenant import lean  # noqa: E402, F401, I001  before trytond makes models
from psycopg_pool import ConnectionPool  # noqa: E402
from trytond.application import app as trytond  # noqa: E402
from trytond.backend import Database  # noqa: E402
from trytond.backend.postgresql import database as backend  # noqa: E402
from trytond.cache import Cache  # noqa: E402
from trytond.pool import Pool  # noqa: E402
from trytond.transaction import Transaction  # noqa: E402

from tenant.server import READY  # noqa: E402

IDLE_SECONDS = 60
"""After this time a connection that nobody needed is given back: the server's memory is for all its tenants."""


class Connections(ConnectionPool):
    """Kept for the next request. trytond makes a new connection for each to the database of `default_name`, taking it
    for one that is hardly asked; here it is the tenant's, and TLS and password cost more than most requests do. Others
    it keeps for ten minutes."""

    def __init__(self, *args, **kwargs):
        """Take what trytond says."""
        super().__init__(*args, max_idle=IDLE_SECONDS, **kwargs)


backend.ConnectionPool = backend.NullConnectionPool = Connections
_get_connection = Database.get_connection


def get_connection(self, autocommit=False, readonly=False, statement_timeout=None):
    """Return a connection that says READ ONLY or nothing: a standby refuses READ WRITE even to who only reads."""
    return _get_connection(self, autocommit, readonly or None, statement_timeout)


Database.get_connection = get_connection


def refresh(cls, database_name, modules):
    """Load models anew when other modules are activated, beside those in use: who asks meanwhile is served from those.

    trytond takes the models in use away and leaves the loading to the next request. Others fail meanwhile, and a thread
    that looks for models in that moment leaves an empty set, which nobody fills any more.
    """
    with cls._lock:
        if set(cls._pool_modules[database_name]) not in (set(), set(modules)):
            cls(database_name).init()
            Cache._clear_all(database_name)


Pool.refresh = classmethod(refresh)

LOADING, WAITING, SERVING = "loading", "waiting", "ready"
RETRY_SECONDS = 1
"""Between two tries to reach a server that is away."""
LOOK_SECONDS = 2
"""How long a look takes while nothing changes. It sleeps at the server: one that stops ends it with the connection, and
one that is promoted cancels it (images/postgres/bin/promote)."""
THOROUGH_LOOKS = 5
"""Every how many looks trytond's own connections are tried, or a standby is asked for its modules."""
HOLD_SECONDS = 8
"""How long an answer is held back that changes nothing; relays and gateways wait for ten seconds."""
FRESH_SECONDS = 5
"""How long a look counts: on a busy machine the next one may be late."""
GIVE_WAY_SECONDS = 6
"""Beside a standby, before models are loaded to wait: a tenant that joins is served by then, and was not held up."""
LOOK = "SELECT pg_is_in_recovery(), current_database() FROM pg_sleep(%s)"
"""A database that was set aside under another name keeps its connections, at a standby too."""
MODULES = """SELECT array_agg(name::text ORDER BY name) FROM ir_module
    WHERE state IN ('activated', 'to upgrade', 'to remove')"""
"""Those whose models trytond loads."""
MARK = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"


class Looking(psycopg.Connection):
    """What the server is looked at by. psycopg wakes ten times a second while it waits, to hear of Ctrl-C: not this."""

    def wait(self, gen, interval=HOLD_SECONDS, timeout=None):
        """Return what is waited for; the server's answer wakes, or the end of the connection."""
        return super().wait(gen, interval, timeout)


class Door:
    """Open while the server here is the primary, and looked after by a thread of its own."""

    def __init__(self):
        """Begin closed, without models."""
        self.state = LOADING
        self.modules = None
        self.seen = 0.0
        self.stopping = False
        self.whole_since = None
        self.renewal = threading.Thread()
        self.changed = threading.Condition()

    def begin(self):
        """Begin to follow the server."""
        threading.Thread(target=self._attend, daemon=True).start()

    def stop(self):
        """Hold nobody back any more: this process ends."""
        with self.changed:
            self.stopping = True
            self.changed.notify_all()

    def ready(self, believed=None):
        """Say whether the database was there and could be written to a moment ago; as soon as that is not what is
        `believed`, or after a while."""
        until = time.monotonic() + HOLD_SECONDS
        with self.changed:
            while (good := self._good()) is believed and not self.stopping and (now := time.monotonic()) < until:
                self.changed.wait(min(until, self.seen + FRESH_SECONDS if good else until) - now)
        return good

    def _good(self):
        return self.state == SERVING and time.monotonic() - self.seen < FRESH_SECONDS

    def _become(self, state, seen):
        """Note what is so and when that was seen, and tell those who are held back when it is news to them."""
        with self.changed:
            before = self._good()
            self.state, self.seen = state, seen
            if self._good() is not before:
                self.changed.notify_all()

    def _attend(self):
        """Follow what the server is for as long as this process lives; whatever goes wrong, it begins anew."""
        while True:
            try:
                self._follow()
            except psycopg.OperationalError:
                self._become(self.state, 0.0)
                time.sleep(RETRY_SECONDS)
            except BaseException:
                logging.getLogger(__name__).exception("the models of %s cannot be loaded", TENANT)
                os._exit(1)

    def _follow(self):
        """Look at the server over one connection until that ends."""
        kwargs = {"autocommit": True, "connect_timeout": 3, "options": "-c statement_timeout=5s"}
        with Looking.connect(Database._connection_params(TENANT)["conninfo"], **kwargs) as connection:
            forget_connections()
            for look in itertools.count():
                standby, database = _look(connection, LOOK_SECONDS if look else 0)
                if database != TENANT:  # every transaction would go to what was set aside: another worker is started
                    os._exit(0)
                thorough = look % THOROUGH_LOOKS == 0
                if not standby:
                    self._open(connection, thorough)
                elif self.state == SERVING:
                    self.modules = sorted(Pool._pool_modules[TENANT])
                    self._become(WAITING, 0.0)
                elif thorough or self.state == LOADING:
                    self._wait(connection)
                self.seen = time.monotonic()

    def _wait(self, connection):
        """Load the models beside a standby, when the tenant is whole there."""
        if connection.execute(MARK).fetchone()[0] != READY:
            return
        modules = self._modules(connection)
        self.whole_since = self.whole_since or time.monotonic()
        if self.modules is None and time.monotonic() - self.whole_since > GIVE_WAY_SECONDS:
            load()
            self.modules, self.state = modules, WAITING

    def _modules(self, connection):
        """Return the activated modules; begin anew when the models that are loaded are those of others."""
        modules = connection.execute(MODULES).fetchone()[0]
        if self.modules not in (None, modules):
            os._exit(0)
        return modules

    def _open(self, connection, thorough):
        """Serve; what was remembered while the server was a standby may be out of date. Prove it, now and then."""
        if self.state == LOADING:
            load()
        if self.state == WAITING:
            self._modules(connection)
            Cache.drop(TENANT)
        self._become(SERVING, time.monotonic())
        if thorough:
            with Transaction().start(TENANT, 0, readonly=True) as transaction:
                transaction.connection.execute("SELECT 1")
            self._renew(connection)

    def _renew(self, connection):
        """Have changed models loaded, by a thread of its own: looks must not wait for it. trytond is told of changes,
        and loads them before this does; but it may hear a minute late, or never when its connection is lost."""
        modules = connection.execute(MODULES).fetchone()[0]
        if set(modules) != set(Pool._pool_modules[TENANT]) and not self.renewal.is_alive():
            self.renewal = threading.Thread(target=Pool.refresh, args=(TENANT, modules), daemon=True)
            self.renewal.start()


def load():
    """Load the models. Nothing of that is garbage, and what is loaded is never looked through for some: a fifth less
    of a processor."""
    gc.disable()
    Pool(TENANT).init()
    gc.freeze()
    gc.enable()


def forget_connections():
    """Have others made for the next request. When a server stops they end with it, and their pool takes one, two, four
    seconds and more from one try to replace them to the next: users would wait for that while the server is back.
    A try that hangs is not waited for."""
    database = Database._databases[os.getpid()].pop(TENANT, None)
    if database:
        database._connpool.close(timeout=0.1)


def _look(connection, seconds):
    """Return whether the server is a standby, and the name that the database has now, after some seconds of rest."""
    try:
        return connection.execute(LOOK, [seconds]).fetchone()
    except psycopg.errors.QueryCanceled:  # woken: the server was promoted
        return connection.execute(LOOK, [0]).fetchone()


DOOR = Door()
BELIEVED = {"UP": True, "DOWN": False}
"""What HAProxy takes a server for, by the first word of its header: `UP; name=…`, `DOWN 1/3; name=…` (2.6,
`http-check send-state`)."""


def app(environ, start_response):
    """Answer a health check, hand everything else to trytond when the door is open."""
    if environ["PATH_INFO"] == f"/{TENANT}/ready" and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
        believed = re.match(r"\w*", environ.get("HTTP_X_HAPROXY_SERVER_STATE", ""))[0]
        return _answer(DOOR.ready(BELIEVED.get(believed)), DOOR.state, start_response)
    if DOOR.state != SERVING:
        return _answer(False, DOOR.state, start_response)
    return trytond(environ, start_response)


def _answer(good: bool, state: str, start_response):
    """Send 200 with "ready", or 503 with what there is instead."""
    body = f"{SERVING if good else state if state != SERVING else 'not ready'}\n".encode()
    start_response(
        "200 OK" if good else "503 Service Unavailable",
        [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))],
    )
    return [body]
