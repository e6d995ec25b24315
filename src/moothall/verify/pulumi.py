"""Whether Pulumi's CLI and its Docker plug-in are on this machine."""

from __future__ import annotations

from collections.abc import Mapping

from moothall.model.outcome import FAILED, PASSED, SKIPPED, CheckResult
from moothall.pulumi_cli import PLUGIN_VERSION, NotInstalled, find

SUBJECT = "Pulumi's CLI and Docker plug-in"


def pulumi(environ: Mapping[str, str], *, wanted: bool) -> CheckResult:
    """Say whether both are there; when nobody has `wanted` them, that they are not is no fault."""
    try:
        found = find(environ)
    except NotInstalled as missing:
        if wanted:
            return CheckResult("pulumi", SUBJECT, FAILED, missing.message, hint=missing.hint)
        return CheckResult("pulumi", SUBJECT, SKIPPED, "not here; only --engine pulumi needs them")
    return CheckResult("pulumi", SUBJECT, PASSED, f"{found.program}, plug-in v{PLUGIN_VERSION}")
