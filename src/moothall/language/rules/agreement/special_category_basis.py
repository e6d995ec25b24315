"""special-category-basis: special category data shared without a condition for it, or on legitimate interests.

UK GDPR, article 9(2), with Data Protection Act 2018, schedule 1, lists the conditions under which special category data
may be used at all, beside a lawful basis. Public authorities cannot rely on legitimate interests in their tasks
(article 6(1)), and no condition goes with them. Whether the one that is named holds is for people to judge.
"""

from __future__ import annotations

from collections.abc import Iterator

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import error
from moothall.language.checks.scope import Scope
from moothall.language.facts.personal_data import SPECIAL, SharedUse, shared_uses
from moothall.language.facts.tenancies import services
from moothall.model.written import DataSharing, Definitions

RULE = "special-category-basis"
SCOPE = Scope.PARTNERSHIP
_NO_CONDITION = "legitimate-interests"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield what is wrong with every agreement under which special category data is shared."""
    special_modules = {name for name, module in definitions.modules.items() if module.personal_data == SPECIAL}
    for folder in definitions.folders:
        all_services = services(folder.partnership).items()
        candidates = {
            name: each
            for name, each in all_services
            if each.data_sharing and not special_modules.isdisjoint(each.offers)
        }
        first_uses: dict[str, SharedUse] = {}
        for each in shared_uses(definitions, folder, candidates):
            if each.kind == SPECIAL:
                first_uses.setdefault(each.service.name, each)
        for each in first_uses.values():
            if sharing := each.service.data_sharing:
                yield from _of_agreement(each, sharing)


def _of_agreement(use: SharedUse, sharing: DataSharing) -> Iterator[Diagnostic]:
    label = Label(use.module.origin.key(), f"{use.module.module} holds special category data")
    shares = f"{use.service.name} shares special category data"
    if sharing.basis == _NO_CONDITION:
        detail = "Name the basis that article 9 of the UK GDPR has a condition for, such as public-task."
        yield error(RULE, f"{shares} on the basis of {_NO_CONDITION}", detail, sharing.origin.value("basis"), label)
    if sharing.condition is None:
        detail = "Add condition: which one of article 9(2) of the UK GDPR the agreement relies on."
        yield error(RULE, f"{shares} and its agreement names no condition", detail, sharing.origin.key(), label)
