"""Where councils name the modules of an instance: those they use and those they are offered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from moothall.check import known
from moothall.model.written import Council, Definitions, Instance
from moothall.source import Span


class Mention(NamedTuple):
    """A module named in a council's file, with the instance it is named for."""

    module: str
    instance: Instance
    span: Span


def mentions(definitions: Definitions) -> Iterator[Mention]:
    """Yield every mention for an instance that is known."""
    for folder, council in known.all_councils(definitions):
        for name, module, span in _of_council(council):
            if name in folder.partnership.instances:
                yield Mention(module, folder.partnership.instances[name], span)


def _of_council(council: Council) -> Iterator[tuple[str, str, Span]]:
    for use in council.uses.values():
        for module in use.modules.values():
            yield use.instance, module.module, module.origin.key()
    for instance, modules in council.offered.items():
        for number, name in enumerate(modules):
            yield instance, name, council.origin.value("spec", "offered", instance, number)
