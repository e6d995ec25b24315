"""The selection flags, as a question: is this task asked for?"""

from __future__ import annotations

from dataclasses import dataclass

from moothall.verify.task import Task


@dataclass(frozen=True)
class Selection:
    """What the user asked for; None asks for everything."""

    council: str | None = None
    instance: str | None = None
    site: str | None = None

    def exclusion_reason(self, task: Task) -> str:
        """Return why `task` is not asked for, or the empty string when it is.

        A task that does not belong to a council at all is left out by `--council`, and so with the others.
        """
        if self.council is not None and task.council != self.council:
            return f"left out by --council {self.council}"
        if self.instance is not None and task.instance != self.instance:
            return f"left out by --instance {self.instance}"
        if self.site is not None and self.site not in task.sites:
            return f"left out by --site {self.site}"
        return ""
