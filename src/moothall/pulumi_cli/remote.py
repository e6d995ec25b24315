"""A state that is kept elsewhere, in a backend that only the CLI talks to."""

from __future__ import annotations

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from pulumi.automation.errors import CommandError

from moothall.pulumi_cli.address import public_address, redact_address
from moothall.pulumi_cli.cli_errors import last_error
from moothall.pulumi_cli.client import CliClient
from moothall.pulumi_cli.command import Command
from moothall.pulumi_cli.workspace import Place, room
from moothall.pulumi_engine.errors import EngineError, Interrupted
from moothall.pulumi_engine.state.backend import Backend
from moothall.pulumi_engine.steps.outcome import StackSurvey, Survey

SURVEY_SECONDS = 60.0
"""How long a backend may take to say which stacks it has."""
SURVEY_PATIENCE = 2.0
"""How long the CLI that asks it may take to end when it is told to: it has begun nothing."""


def remote_survey(pulumi: CliClient, project: str, backend: Backend, stop: threading.Event) -> Survey:
    """The stacks that a remote backend holds and how much is in each.

    Raises EngineError when it is not reached within `SURVEY_SECONDS`, and Interrupted when `stop` is set meanwhile.
    """
    command = Command(pulumi.installation.program, stop, min(pulumi.seconds, SURVEY_SECONDS), SURVEY_PATIENCE)
    with TemporaryDirectory(prefix="moothall-survey-") as scratch:
        place = Place(Path(scratch), pulumi.url, project, "none", backend.passphrase(), exists=True)
        with room(place, pulumi.installation.plugins, command) as workspace:
            try:
                summaries = workspace.list_stacks()
            except CommandError as error:
                if stop.is_set():
                    raise Interrupted from None
                raise _unreachable(pulumi.url, command, error) from None
    counts = ((stack.name.rsplit("/", 1)[-1], stack.resource_count or 0) for stack in summaries)
    return Survey(project, tuple(StackSurvey(name, count) for name, count in sorted(counts)))


def _unreachable(url: str, command: Command, error: CommandError) -> EngineError:
    """Return the error for a backend whose stacks cannot be listed."""
    reason = redact_address(last_error(str(error)), url)
    if command.timed_out:
        reason = f"it did not answer within {command.seconds:.0f} s"
    hint = "pulumi login URL  # that of --backend or MOOTHALL_BACKEND; it says what is missing"
    return EngineError(f"Pulumi does not reach the states in {public_address(url)}: {reason}.", hint=hint)
