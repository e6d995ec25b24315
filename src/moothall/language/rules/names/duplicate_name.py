"""duplicate-name: one name for two things of a partnership that are referred to in the same places.

A party is a council or an organisation, what a council uses is an instance or an external service, and both councils
and instances name stacks (`<partnership>.<name>.<site>`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import DECLARED, error
from moothall.language.checks.scope import Scope
from moothall.model.written import Council, Definitions, External, Folder, Instance, Organisation
from moothall.source import Span

RULE = "duplicate-name"
SCOPE = Scope.PARTNERSHIP

_Noun = Council | Organisation | Instance | External


class _Pair(NamedTuple):
    """Two kinds with one set of names, why that is so, and the nouns; the finding stands at the second."""

    first: str
    second: str
    why: str
    first_names: Mapping[str, _Noun]
    names: Mapping[str, _Noun]


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every name of the second kind that the first has already.

    Two of one kind cannot share a name, for a mapping has each key once; nor can two files, for the rule file-name
    ties each to its place.
    """
    for folder in definitions.folders:
        for pair in _pairs(folder):
            for name in pair.names.keys() & pair.first_names.keys():
                summary = f'"{name}" is already the name of {pair.first}'
                detail = f"{pair.why} Rename one of the two."
                yield error(
                    RULE, summary, detail, _name(pair.names[name]), Label(_name(pair.first_names[name]), DECLARED)
                )


def _pairs(folder: Folder) -> Iterator[_Pair]:
    councils = {council.metadata.name: council for council in folder.councils}
    partnership = folder.partnership
    why = "Councils and organisations share one set of names, because both can be parties and owners."
    yield _Pair("a council", "organisation", why, councils, partnership.organisations)
    why = "Councils and instances share one set of names, because both name stacks."
    yield _Pair("a council", "instance", why, councils, partnership.instances)
    why = "Instances and external services share one set of names, because councils use both."
    yield _Pair("an instance", "external service", why, partnership.instances, partnership.external)


def _name(noun: _Noun) -> Span:
    """Return where a noun has its name."""
    return noun.origin.value("metadata", "name") if isinstance(noun, Council) else noun.origin.key()
