"""module-without-product: a module file that says of nothing, or of two things, that it provides the module."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.model.written import Definitions

RULE = "module-without-product"
SCOPE = Scope.PARTNERSHIP


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every module with neither of `tryton` and `provided: outside`, or with both."""
    for name, module in definitions.modules.items():
        if not module.tryton_modules and not module.provided:
            detail = "Add the key tryton, or provided: outside if only external services offer it."
            yield error(RULE, f'nothing provides the module "{name}"', detail, module.origin.key("spec"))
        elif module.tryton_modules and module.provided:
            summary = f'the module "{name}" is provided outside and by Tryton'
            related = Label(module.origin.key("spec", "tryton"), "provided here")
            yield error(RULE, summary, "Remove one of the two.", module.origin.key("spec", "provided"), related)
