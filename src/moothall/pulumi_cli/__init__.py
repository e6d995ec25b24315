"""The real Pulumi engine: runs the same programs on the same states through Pulumi's Automation API and its CLI.

Its operations have the signatures of `moothall.pulumi_engine`, so that either can be given to whoever deploys.
Importing it loads no `pulumi`; the first operation does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Mapping

from moothall import pulumi_engine
from moothall.pulumi_cli.client import CliClient
from moothall.pulumi_cli.installation import (
    CLI_VERSION,
    FOLDER_VARIABLE,
    INSTALL,
    PLUGIN_VERSION,
    Installation,
    NotInstalled,
    find,
    folder,
)
from moothall.pulumi_engine import SILENT, Backend, Observer, Outcome, StackRun, Survey

__all__ = [
    "CLI_VERSION",
    "FOLDER_VARIABLE",
    "INSTALL",
    "PLUGIN_VERSION",
    "Installation",
    "NotInstalled",
    "Pulumi",
    "find",
    "folder",
]


class Pulumi(CliClient):
    """The operations of the CLI, by the settings of `CliClient`."""

    def preview(self, run: StackRun, backend: Backend, *, observer: Observer = SILENT) -> Outcome:
        """What `up` would do; a stack that does not exist yet is tried in a temporary state. Nothing is made, so the
        observer gets the planned steps only."""
        from moothall.pulumi_cli.operation import Operation

        outcome = Operation(self, backend, (run.project, run.stack), SILENT).preview(run.program)
        observer.steps_planned(run.stack, outcome.steps)
        return outcome

    def up(
        self, run: StackRun, backend: Backend, *, observer: Observer = SILENT, stop: threading.Event | None = None
    ) -> Outcome:
        """Make the stack as its program says."""
        from moothall.pulumi_cli.operation import Operation

        return Operation(self, backend, (run.project, run.stack), observer, stop).up(run.program, run.ownership)

    def destroy(
        self,
        project: str,
        stack: str,
        backend: Backend,
        ownership: tuple[str, str],
        *,
        with_data: bool,
        observer: Observer = SILENT,
        stop: threading.Event | None = None,
    ) -> Outcome:
        """Delete what the state records, without the program; protected resources and what they need only `with_data`.

        `ownership` is the label by which what a killed run has left is known; Pulumi deletes by the ids in its state.
        """
        from moothall.pulumi_cli.operation import Operation

        operation = Operation(self, backend, (project, stack), observer, stop)
        return operation.destroy(ownership, with_data=with_data)

    def destroy_preview(self, project: str, stack: str, backend: Backend, *, with_data: bool) -> Outcome:
        """What `destroy` would delete, from the state alone."""
        if not self.url:
            return pulumi_engine.destroy_preview(project, stack, backend, with_data=with_data)
        from moothall.pulumi_cli.operation import Operation

        return Operation(self, backend, (project, stack), SILENT).destroy_preview(with_data=with_data)

    def resource_counts(self, project: str, backend: Backend, is_selected: Callable[[str], bool]) -> Mapping[str, int]:
        """How many resources each stack of a project has, by its name, for the stacks that
        `is_selected` accepts."""
        if not self.url:
            return pulumi_engine.resource_counts(project, backend, is_selected)
        return {
            stack_survey.stack: stack_survey.resources
            for stack_survey in self.survey(project, backend).stacks
            if is_selected(stack_survey.stack)
        }

    def survey(
        self,
        project: str,
        backend: Backend,
        stacks: Container[str] | None = None,
        *,
        stop: threading.Event | None = None,
    ) -> Survey:
        """The stacks of a project as recorded, all or those named; in a remote backend all, and without looking for
        drift. Raises Interrupted when `stop` is set meanwhile."""
        if not self.url:
            return pulumi_engine.survey(project, backend, stacks)
        from moothall.pulumi_cli.remote import remote_survey

        return remote_survey(self, project, backend, stop or threading.Event())
