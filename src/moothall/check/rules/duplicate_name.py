"""duplicate-name: a council and an instance of one partnership have the same name.

Both name stacks (`<partnership>.<name>.<site>`), so the two would be one.
"""

from __future__ import annotations

from collections.abc import Iterator

from moothall.check import known
from moothall.check.finding import DECLARED, error
from moothall.diagnostics import Diagnostic, Label
from moothall.model.written import Definitions

RULE = "duplicate-name"


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield a finding for every instance that is called like a council.

    Two sites or two instances cannot share a name, for a mapping has each key once; nor can two files, for
    the rule file-name ties each to its place.
    """
    councils = {(id(folder), council.metadata.name): council for folder, council in known.all_councils(definitions)}
    for folder, instance in known.all_instances(definitions):
        council = councils.get((id(folder), instance.name))
        if council:
            summary = f'"{instance.name}" is already the name of a council'
            detail = "Councils and instances share one set of names, because both name stacks. Rename the instance."
            related = Label(council.origin.value("metadata", "name"), DECLARED)
            yield error(RULE, summary, detail, instance.origin.key(), related)
