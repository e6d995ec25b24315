"""failed-over-elsewhere: an instance that is failed over to a site which does not mirror it any more, or never did."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.dedicated import dedicated_servers
from moothall.model.written import Active, Definitions, Instance

RULE = "failed-over-elsewhere"
SCOPE = Scope.PARTNERSHIP
_DETAIL = "Its data is at that site: fail back first, with the definitions as they were, and change them afterwards."


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every entry of an `active.yaml` that names no instance with its mirror at that site."""
    for folder in definitions.folders:
        own = {server.name: server.instance for server in dedicated_servers(folder)}
        instances = {**folder.partnership.instances, **own}
        for name, active in folder.active.items():
            instance = instances.get(name)
            if instance is None or instance.mirror is None or instance.mirror.site != active.site:
                yield _finding(active, instance)


def _finding(active: Active, instance: Instance | None) -> Diagnostic:
    if instance is None:
        summary = f'"{active.instance}" is failed over, and there is no such instance'
        return error(RULE, summary, _DETAIL, active.origin.key())
    summary = f'"{active.instance}" is failed over to "{active.site}", which is not where its mirror stands'
    place = instance.mirror.origin.value("site") if instance.mirror else instance.origin.key()
    words = "the site of its mirror" if instance.mirror else "it has no mirror"
    return error(RULE, summary, _DETAIL, active.origin.value("site"), Label(place, words))
