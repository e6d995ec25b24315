"""What a gateway says of each request: one line of JSON, and nothing in it that opens a door.

Whatever a user chose stands escaped in a string, so no user can end a line or begin another. Parameters of a path,
bodies and keys of sessions are not there. A wrong password is a 401 at `/<database>/session/login` or at
`/<database>/rpc/`, one too many a 429; what was typed as a name is not there either, for people type passwords in its
place.

As trytond 8.0 reads a session (trytond/protocols/wrappers.py), so is its user found: `login:number:key` in the cookie,
else in the header `Authorization: Session`; `login:password` in `Authorization: Basic`. Where the answer is 401 it is
who somebody claimed to be.
"""

from __future__ import annotations

LENGTH = 6144
"""Bytes of a line at most, for what users choose is cut: escaped, a byte becomes six at most, and there are three."""
RING = "trail"
"""The ring that holds lines until the store has taken them."""
_CUT = 256
_TEXT = f"bytes(0,{_CUT}),json(utf8s)"
_COOKIE = "req.cook(tryton_session)"
_HEADER = "req.hdr(authorization)"
_KEPT = f"""\
http-request set-var(txn.method) method
http-request set-var(txn.path) path
acl session_cookie {_COOKIE} -m reg ^.*:[0-9]+:[^:]+$
acl session_header {_HEADER} -m reg -i ^session[[:space:]]
acl basic_header {_HEADER} -m reg -i ^basic[[:space:]]
http-request set-var(txn.claim) {_HEADER},field(2,' '),b64dec if session_header || basic_header
acl session_claim var(txn.claim) -m reg ^[^:]*:[0-9]+:[^:]+$
acl basic_claim var(txn.claim) -m sub :
http-request set-var(txn.user) var(txn.claim),field(1,:) if session_header session_claim
http-request set-var(txn.user) var(txn.claim),field(1,:) if basic_header basic_claim
http-request set-var(txn.user) {_COOKIE},regsub(:[^:]*:[^:]*$,) if session_cookie
http-request unset-var(txn.claim)"""
"""What is said when the answer is there is kept while the question is, and before any rule that answers by itself."""


def lines(site: str, council: str, instance: str, *, sent: bool) -> list[str]:
    """Return the lines of a frontend that have each request said on standard output, and `sent` to the ring; the names
    are ids."""
    place = f'"time":"%[date,utime(%Y-%m-%dT%H:%M:%SZ)]","site":"{site}","council":"{council}","instance":"{instance}"'
    asked = ",".join(f'"{name}":"%[var(txn.{name}),{_TEXT}]"' for name in ("user", "method", "path"))
    request = f'{{{place},"from":"%ci",{asked},"status":%ST,"bytes":%B,"ms":%Ta}}'
    failed = f'{{{place},"from":"%ci","failed":"%[fc_err_str,{_TEXT}]"}}'
    return [
        "no log",
        f"log stdout len {LENGTH} format raw local0 info",
        *([f"log ring@{RING} len {LENGTH} format raw local0 info"] if sent else []),
        "option dontlognull",
        f"log-format '{request}'",
        f"error-log-format '{failed}'",
        *_KEPT.splitlines(),
    ]
