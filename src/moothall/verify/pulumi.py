"""Whether Pulumi's CLI and its Docker plug-in are on this machine."""

from __future__ import annotations

from collections.abc import Mapping

from moothall.model.outcome import FAILED, PASSED, SKIPPED, CheckResult
from moothall.pulumi_cli import PLUGIN_VERSION, NotInstalled, find

SUBJECT = "Pulumi's CLI and Docker plug-in"


def pulumi(environ: Mapping[str, str], *, is_needed: bool) -> CheckResult:
    """Say whether both are installed; unless `is_needed`, their absence is no fault."""
    try:
        installation = find(environ)
    except NotInstalled as error:
        if is_needed:
            return CheckResult("pulumi", SUBJECT, FAILED, error.message, hint=error.hint)
        return CheckResult("pulumi", SUBJECT, SKIPPED, "not here; only --engine pulumi needs them")
    return CheckResult("pulumi", SUBJECT, PASSED, f"{installation.program}, plug-in v{PLUGIN_VERSION}")
