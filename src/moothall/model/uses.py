"""What a command uses of that which commands have in common."""

from __future__ import annotations

from typing import NamedTuple

SELECTION = ("partnership", "council", "site", "instance")
"""The options that choose among what the definitions name."""

ENGINES = ("engines",)
"""The option that says where engines are."""

PULUMI = ("engine", "backend")
"""The options that say who runs the Pulumi program, and where that keeps its state."""


class Uses(NamedTuple):
    """The common options that a command uses, and the forms that its answer has; anything else is refused at once.

    A command for which the definitions have to be `sound` answers with the findings when they are not, in every form
    that those have.
    """

    options: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("text", "json")
    sound: bool = False
