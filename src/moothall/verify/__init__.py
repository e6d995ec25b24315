"""Verify: what the plan promises against what stands, seen from where the councils stand.

`verify` looks at everything, `wait_ready` at logins only (a `Gate` holds those); `CHECKS`
in `verify.checks` lists what is looked at. Docker's SDK is imported by the first question to an engine, not before.
"""

from moothall.verify.gate import Gate
from moothall.verify.ready import by_council, clear_probes, wait_ready
from moothall.verify.run import verify
from moothall.verify.selection import Selection

__all__ = ["Gate", "Selection", "by_council", "clear_probes", "verify", "wait_ready"]
