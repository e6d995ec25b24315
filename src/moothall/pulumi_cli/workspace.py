"""The room that one stack has with Pulumi: its own PULUMI_HOME, work directory, settings and environment."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
from pulumi.automation import LocalWorkspace, OutputMap, ProjectSettings, Stack, StackSettings, UpdateSummary

from moothall import private
from moothall.pulumi_cli.command import Command
from moothall.pulumi_cli.passphrase_file import provide_passphrase
from moothall.pulumi_engine.protocol.program import call_program
from moothall.pulumi_engine.state.backend import Program

# A CLI that is killed ends its stream of events in the middle. That it was killed is told as what came of the run.
warnings.filterwarnings("ignore", message="Error in event stream", category=UserWarning)
# No provider but an explicit one may serve a resource: a default one would take whatever engine DOCKER_HOST names.
_CONFIG = {"pulumi:disable-default-providers": ["*"]}
_QUIET = {
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    # Ten readers, its default, each hold one of the few connections to PostgreSQL and wait for another, for ever.
    "PULUMI_DIY_BACKEND_PARALLEL": "1",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
    "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
    "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
}


class Run(Stack):
    """A stack whose run counts by what it did: neither outputs nor history are asked for afterwards, which costs three
    more processes, shows secrets, and can fail after an `up` that succeeded."""

    def outputs(self) -> OutputMap:
        """Nothing: they are in the state."""
        return {}

    def info(self, show_secrets: bool = True) -> UpdateSummary:
        """A summary that says nothing."""
        return UpdateSummary("", datetime.now(UTC), "", {}, {}, "")

    def export_state(self) -> dict[str, Any]:
        """The state with its version, as `pulumi stack export` prints it, secrets sealed. (The SDK asks for them in
        clear, and puts them back by way of a temporary file, which stays where the command fails.)"""
        state: dict[str, Any] = json.loads(self._run_pulumi_cmd_sync(["stack", "export"]).stdout)
        return state

    def taint(self, urns: Iterable[str]) -> None:
        """Have these resources recreated by the next `up`."""
        self._run_pulumi_cmd_sync(["state", "taint", "--yes", *urns])

    def import_state(self, state: dict[str, Any]) -> None:
        """Make this the state."""
        file = Path(self.workspace.work_dir).parent / "state.json"
        try:
            private.write(file, json.dumps(state))
            self._run_pulumi_cmd_sync(["stack", "import", "--file", str(file)])
        finally:
            file.unlink(missing_ok=True)


class Room(LocalWorkspace):
    """A workspace for one stack; there is nothing to select, because every command names its stack."""

    def select_stack(self, stack_name: str) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Place:
    """Where a stack is worked on: the folder of its room, the backend's URL, project and stack, and its secrets.

    `exists` says whether the backend holds the stack already.
    """

    folder: Path
    url: str
    project: str
    stack: str
    passphrase: str
    salt_line: str | None = None
    exists: bool = True


@contextmanager
def room(place: Place, plugins: Path, command: Command, program: Program | None = None) -> Iterator[Room]:
    """A workspace in the place; what `command` runs meanwhile can read the passphrase, which is in no environment and
    below no state."""
    work = place.folder / "work"
    private.folder(work)
    _link_plugins(place.folder / "home", plugins)
    settings = {place.stack: StackSettings(encryption_salt=place.salt_line, config=dict(_CONFIG))}
    with provide_passphrase(place.passphrase) as secret:
        command.inherited_descriptors = secret.descriptors
        yield Room(
            work_dir=str(work),
            pulumi_home=str(place.folder / "home"),
            program=_with_task_cancellation(program) if program else None,
            env_vars={**_QUIET, "PULUMI_BACKEND_URL": place.url, "PULUMI_CONFIG_PASSPHRASE_FILE": secret.path},
            project_settings=ProjectSettings(name=place.project, runtime="python"),
            stack_settings=settings,
            pulumi_command=command,
        )


def _with_task_cancellation(program: Program) -> Program:
    """The program, all of whose tasks end when Pulumi refuses a request or goes away. The SDK would only stop the event
    loop: what is left half done goes on inside whatever the process does when the garbage collector finds it."""

    async def wrapper() -> None:
        asyncio.get_running_loop().set_exception_handler(_end_all)
        await call_program(program)

    return wrapper


def _end_all(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A task failed that nobody waits for; what others wait for may never come after a request that failed."""
    if not isinstance(context.get("exception"), grpc.RpcError):
        loop.default_exception_handler(context)
        return
    for task in asyncio.all_tasks(loop):
        task.cancel()


def _link_plugins(home: Path, plugins: Path) -> None:
    """Let the stack's own home use the plug-ins that are installed once."""
    private.folder(home)
    link = home / "plugins"
    if link.is_symlink() and link.resolve() != plugins.resolve():
        link.unlink()
    if not link.is_symlink():
        link.symlink_to(plugins.resolve(), target_is_directory=True)
