"""Affected stacks as the matrix of a GitHub Actions job, on one line.

Source: https://docs.github.com/en/actions/writing-workflows/choosing-what-your-workflow-does/running-variations-of-jobs-in-a-workflow
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moothall.report.style import Style

_KEYS = ("stack", "partnership", "council", "instance", "site")


def render(view: Mapping[str, Any], style: Style) -> str:
    """Return `{"include": [...]}`; stacks that go are left out, for there is nothing to preview by their name."""
    stacks = [stack for stack in view["stacks"] if stack["change"] != "removed"]
    return json.dumps({"include": [{key: stack[key] or "" for key in _KEYS} for stack in stacks]}) + "\n"
