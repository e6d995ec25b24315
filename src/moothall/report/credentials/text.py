"""How to log in, for people."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.report.credentials.view import CredentialsView
from moothall.report.style import Style, safe


def render(view: CredentialsView, style: Style) -> str:
    """Return the text of a credentials view."""
    head = style.paint(f"{safe(view['councilTitle'])}: {safe(view['instanceTitle'])}", "bold")
    rows = [f"  {name:10} {safe(value)}" for name, value in _rows(view)]
    return "\n".join([head, *rows, *_trust(view)]) + "\n"


def _rows(view: CredentialsView) -> Iterator[tuple[str, str]]:
    """Yield what to type where."""
    if view["localAccessUrl"]:
        yield "local", f"{view['localAccessUrl']}  (on this machine)"
    yield "network", f"https://{view['hostName']}/  (from the council's own network)"
    yield "database", view["database"]
    yield "user", view["user"]
    yield "password", view["password"]


def _trust(view: CredentialsView) -> Iterator[str]:
    """Yield how to have the certificate accepted without turning the check off."""
    if view["authorityFile"]:
        yield f"  authority  {safe(view['authorityFile'])}: have your browser trust it to identify websites"
    else:
        command = f"moothall credentials {view['council']} {view['instance']} --ca-file ca.crt"
        yield f"  authority  {command}  writes the certificate to trust"
