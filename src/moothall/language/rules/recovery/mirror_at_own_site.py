"""mirror-at-own-site: a mirror beside its instance, where one fire takes both."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts import symbols
from moothall.model.written import Definitions

RULE = "mirror-at-own-site"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every mirror at the site of its instance."""
    for _, instance in symbols.all_instances(definitions):
        if instance.mirror and instance.mirror.site == instance.site:
            summary = f'the mirror of "{instance.name}" stands at the same site as the instance'
            detail = "What takes the site takes both: choose another site for the mirror."
            related = Label(instance.origin.value("site"), "the instance's site")
            yield error(RULE, summary, detail, instance.mirror.origin.value("site"), related)
