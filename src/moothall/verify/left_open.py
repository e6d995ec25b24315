"""Whether a passphrase lies in clear where the state is kept, and so in every copy of it; for `doctor`."""

from __future__ import annotations

import shlex
from pathlib import Path

from moothall.model.outcome import FAILED, PASSED, CheckResult
from moothall.pulumi_engine.state.stale_passphrases import clear_passphrase_files as find


def exposed_passphrases(state: Path) -> CheckResult:
    """Say where one lies; versions before this one left it after a kill, and the next `up` or `destroy` removes it."""
    subject, paths = "Passphrase in the state", find(state)
    if not paths:
        return CheckResult("left-open", subject, PASSED, "it lies nowhere in clear")
    detail = (
        f"in clear in {', '.join(map(str, paths))}, left by an older version that was killed. Copies of the state made "
        "since open by themselves: after removing it, `moothall keys rotate --passphrase`"
    )
    return CheckResult("left-open", subject, FAILED, detail, hint=shlex.join(["rm", *map(str, paths)]))
