"""Affected stacks as the matrix of a GitHub Actions job, on one line.

Source: https://docs.github.com/en/actions/writing-workflows/choosing-what-your-workflow-does/running-variations-of-jobs-in-a-workflow
"""

from __future__ import annotations

import json

from moothall.report.affected.view import AffectedStackView, AffectedView
from moothall.report.style import Style


def render(view: AffectedView, style: Style) -> str:
    """Return `{"include": [...]}`; stacks that go are left out, for there is nothing to preview by their name."""
    return json.dumps({"include": [_job(stack) for stack in view["stacks"] if stack["change"] != "removed"]}) + "\n"


def _job(stack: AffectedStackView) -> dict[str, str]:
    """Return the variables of a stack's job; what it has not is empty."""
    return {
        "stack": stack["stack"],
        "partnership": stack["partnership"],
        "council": stack["council"] or "",
        "instance": stack["instance"] or "",
        "site": stack["site"],
    }
