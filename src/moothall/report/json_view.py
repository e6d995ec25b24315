"""The view itself, as JSON: the same for every kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moothall.report.style import Style


def render(view: Mapping[str, Any], style: Style) -> str:
    """Return the view as JSON text, never coloured."""
    # Printed into a pipeline's log, `##[` would be a command to whoever runs it (`report.style.safe`).
    return json.dumps(view, indent=2).replace("##", r"\u0023#") + "\n"
