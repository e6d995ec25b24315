"""Choosing stacks by name alone, for verbs that work on the state and need no definitions."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from moothall.failures import USAGE, Failure
from moothall.model.did_you_mean import did_you_mean
from moothall.model.stackname import parts
from moothall.operations import session


def chosen(options: argparse.Namespace, stacks: Sequence[str]) -> tuple[str, ...]:
    """Return the stacks that the selection flags choose: partnership, council, instance and site are in the name.

    Raises Failure for a name that no stack has, and when nothing stands that fits the whole selection.
    """
    names = [parts(stack) for stack in stacks]
    for noun, there in {
        "partnership": [name.partnership for name in names],
        "council": [name.unit for name in names if name.unit],
        "site": [name.site for name in names],
        "instance": [name.unit for name in names if name.unit],
    }.items():
        if stacks:
            session.known(noun, getattr(options, noun), there)
    flags = (options.partnership, options.council, options.site, options.instance)
    fitting = tuple(stack for stack in stacks if _fits(options, stack))
    if not fitting and any(flags):
        raise Failure(
            f"no stack in {options.state} fits the selection",
            mend=f"moothall state history --state {options.state}  # lists the stacks",
            exit_code=USAGE,
        )
    return fitting


def known(options: argparse.Namespace, stack: str, stacks: Sequence[str]) -> str:
    """Return `stack` if it is one of `stacks`; raises Failure with the nearest name otherwise."""
    if stack in stacks:
        return stack
    mend = did_you_mean(stack, stacks) or f"one of: {', '.join(stacks) or 'none'}"
    raise Failure(f"there is no stack named {stack!r} in {options.state}", mend=mend, exit_code=USAGE)


def _fits(options: argparse.Namespace, stack: str) -> bool:
    name = parts(stack)
    whose = options.partnership in (None, name.partnership)
    return whose and name.fits(council=options.council, instance=options.instance, site=options.site)
