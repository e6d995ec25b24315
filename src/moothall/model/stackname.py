"""What is in the name of a stack, and in the names of its objects on the engine; `plan.naming` makes them."""

from __future__ import annotations

from typing import NamedTuple

_WITH_UNIT = 3


class StackName(NamedTuple):
    """`<partnership>.<unit>.<site>`, where the unit is an instance or a council; a site's own stack has none."""

    partnership: str
    unit: str | None
    site: str

    @property
    def unit_or_site(self) -> str:
        """What the stack holds: its unit or its site."""
        return self.unit or self.site

    def matches(self, *, council: str | None, instance: str | None, site: str | None) -> bool:
        """Whether a selection by name, where None is any, means this stack."""
        return council in (None, self.unit) and instance in (None, self.unit) and site in (None, self.site)


def parts(stack: str) -> StackName:
    """Return the parts of a stack's name."""
    words = stack.split(".")
    return StackName(words[0], words[1] if len(words) == _WITH_UNIT else None, words[-1])


def stack_of(name: str) -> str:
    """Return the name of the stack that an object of this name on an engine belongs to."""
    return name.rpartition(".")[0]
