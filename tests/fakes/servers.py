"""A machine whose containers are those of images/postgres: servers, repositories, copies, throw-away servers.

A server obeys the orders that images/postgres obeys (its bin/start-postgres); what runs in one beside psql is in
`server_programs`. What PostgreSQL and pgBackRest do with data is proved on real ones (tests/live/test_restore.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy

from tests.fakes import postgres
from tests.fakes.containers import RUNNING, WELL, Container
from tests.fakes.postgres import Cluster, Database, Failed
from tests.fakes.server_programs import PROGRAMS, streamed
from tests.fakes.store import Files, Store
from tests.fakes.switching import is_fenced
from tests.postgres_fake import script_of, values_of, whole

from moothall.docker_engine.one_off import ContainerResult
from moothall.model.stackname import parts, stack_of

SERVER = "postgres"
"""The role of a container in which a server runs."""
GAVE_UP = ContainerResult(4, "", "gave up: the other server did not serve as primary\n")


class Servers(Store):
    """What the servers and the repository hold: `backup` is a cluster, `since` when it was made (seconds, 1970).

    `free` is the room on each disk, in bytes; a database takes a thousand.
    """

    def __init__(self, images: Iterable[str], backup: Cluster | None) -> None:
        super().__init__(images)
        self.backup = backup
        self.since = 1_000_000_000
        self.free = 1_000_000

    def cluster(self, container: str) -> Cluster:
        """Return the cluster that a container serves."""
        cluster = self.made[container].data.cluster
        assert cluster
        return cluster

    def restored(self) -> Cluster:
        """Return a cluster as pgBackRest restores it."""
        assert self.backup
        cluster = deepcopy(self.backup)
        cluster.bound = True
        return cluster

    def other_servers(self, made: Container) -> list[Container]:
        """Return the servers of the instance of which one is `made`, without that."""
        return [each for each in self.made.values() if _is_other(each, made)]

    def started(self, made: Container) -> ContainerResult | None:
        """Have a server obey the order in its volume first; a throw-away one has a new cluster."""
        if made.role == SERVER:
            return self._obey(made)
        if made.role.endswith("prepare"):
            return WELL
        if "emptied" in made.command:
            made.data.cluster = None
        elif made.role == "scratch":
            made.data.cluster = Cluster({"postgres": Database("postgres")}, {})
        return None

    def unpack(self, made: Container, files: Files) -> None:
        """Put files into a container; a copy that gets its order is restored at once."""
        super().unpack(made, files)
        if "/cfg/order" in files and made.status == RUNNING and made.data.cluster is None:
            made.data.cluster = self.restored()

    def execute(self, made: Container, command: Sequence[str], environment: Mapping[str, str]) -> ContainerResult:
        """Run a command that images/postgres has, or a script in psql."""
        if "DATABASE" in environment:
            assert made.data.cluster
            postgres.let_in(made.data.cluster, environment["ROLE"], environment["DATABASE"])
            return streamed(made.data.cluster.database(environment["DATABASE"]), script_of(command))
        if command[0] == "env":
            command = command[4:]
        program = "psql" if script_of(command) else command[0].rpartition("/")[2]
        if self.has_failed(program):
            return ContainerResult(1, f"{program} failed", "")
        if program == "psql":
            return self._psql(made, command)
        printed = PROGRAMS[program](self, made, list(command[1:]))
        return printed if isinstance(printed, ContainerResult) else ContainerResult(0, printed, "")

    def _psql(self, made: Container, command: Sequence[str]) -> ContainerResult:
        if made.data.cluster is None or is_fenced(made):
            return ContainerResult(2, "", "psql: error: connection to server failed: No such file or directory")
        script = script_of(command)
        if change := postgres.changes(script):
            self.step(f"{change} in {made.name}")
        try:
            role, database = (command[command.index(option, 5) + 1] for option in ("-U", "-d"))
            answer = postgres.answer(made.data.cluster, role, database, script, values_of(command))
        except Failed as reason:
            return ContainerResult(3, "", str(reason))
        if change.startswith("INSERT"):
            self._stream(made)
        return ContainerResult(0, whole(command, answer), "")

    def _stream(self, made: Container) -> None:
        """Have the server that follows hear of what was written on purpose."""
        for each in self.other_servers(made):
            if each.status == RUNNING and each.data.cluster and made.data.cluster:
                each.data.cluster.trials = list(made.data.cluster.trials)

    def _obey(self, made: Container) -> ContainerResult | None:
        data = made.data
        if order := data.files.pop("restore-order", b""):
            name, source, *_ = order.decode().splitlines()
            folder = source.removeprefix("there:")
            following = data.beside.pop(folder, None) if source.startswith("there:") else self.restored()
            if following:
                if data.cluster:
                    data.beside[name] = data.cluster
                data.cluster = following
        elif "follow-order" in data.files:
            return self._follow(made)
        return None

    def _follow(self, made: Container) -> ContainerResult | None:
        others = self.other_servers(made)
        if not others:  # the order stays for the next time
            return GAVE_UP
        assert others[0].status == RUNNING, "a server is told to follow one that does not run"
        del made.data.files["follow-order"]
        made.data.cluster = deepcopy(others[0].data.cluster)
        assert made.data.cluster
        made.data.cluster.follows = True
        return None


def _is_other(one: Container, made: Container) -> bool:
    if one is made or one.role != SERVER:
        return False
    mine, theirs = parts(stack_of(made.name)), parts(stack_of(one.name))
    return (theirs.partnership, theirs.unit) == (mine.partnership, mine.unit)
