"""An exported state as the text that `pulumi stack export` prints of it (Go's `encoding/json`)."""

from __future__ import annotations

import json

from moothall.report.deployment.view import DeploymentView
from moothall.report.style import Style

_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "\u2028\u2029"}
"""What Go writes so in every text, for the sake of scripts."""


def render(view: DeploymentView, style: Style) -> str:
    """Return the state as JSON text, never coloured."""
    return json.dumps(view, indent=4, ensure_ascii=False).translate(_ESCAPED) + "\n"
