"""States that are not in the state directory: what verbs that know only that one say of them, and when it is noted."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

from moothall import environment
from moothall.failures import REFUSED, Failure
from moothall.keys.passphrase import passphrase_file
from moothall.model.outcome import SKIPPED, Result
from moothall.model.planned import Plan
from moothall.model.stackname import parts
from moothall.verbs import session
from moothall.verbs.address import address, without_secrets
from moothall.verbs.variables import variable

_NOTES = {
    "cancel": "  # only when you know that its owner is gone",
    "refresh": "  # in stacks/",
    "state": "  # in stacks/",
}
"""What is said of commands of Pulumi's CLI: two of them want the project's file."""
_OPENING = frozenset({"refresh", "state"})
"""Those that open what is sealed."""


def refuse_local(options: argparse.Namespace, plan: Plan) -> None:
    """Raise Failure (refused) where the partnership's state is in a backend, and the options name none."""
    from moothall.deploy.elsewhere import of_partnership

    there = of_partnership(options.state, plan.partnership)
    if there and not session.backend_address(options):
        pulumi = () if getattr(options, "engine", "") == session.PULUMI else ("--engine", session.PULUMI)
        url = next(iter(there.values()))
        raise _failure(options, there, session.again(options, *pulumi, "--backend", url))


def refuse(options: argparse.Namespace, stacks: Iterable[str], *words: str, note: str = "") -> None:
    """Raise Failure (refused) where the state of one of the stacks is in a backend, which this verb does not look into.

    `words` are those of Pulumi's CLI, which does, for one stack. MOOTHALL_BACKEND says so of all that there are.
    """
    there = found(options)
    named = variable("MOOTHALL_BACKEND", address)
    chosen = [stack for stack in stacks if named or stack in there]
    if not chosen and not (named and not stacks):
        return
    url = without_secrets(named) if named else there[chosen[0]]
    by_hand = _by_hand(url, chosen[0] if chosen else "STACK", words) + (note and f"  # {note}")
    raise _failure(options, dict.fromkeys(chosen or ["all stacks"], url), by_hand)


def found(options: argparse.Namespace) -> Mapping[str, str]:
    """Return where states are that are not in the state directory, by stack."""
    from moothall.deploy.elsewhere import of_all

    return of_all(options.state)


def remember(options: argparse.Namespace, plan: Plan) -> None:
    """Record where Pulumi keeps the states of the chosen stacks, if that is a backend: its survey has reached it."""
    from moothall.deploy import elsewhere

    if url := session.backend_address(options):
        stacks = [stack.name for stack in plan.stacks if session.selected(options, stack)]
        elsewhere.remember(options.state, plan.partnership, stacks, without_secrets(url))


def forget(options: argparse.Namespace, plan: Plan, standing: Iterable[str]) -> None:
    """Forget the stacks of a partnership of which the backend that the options name holds nothing more."""
    from moothall.deploy import elsewhere

    if session.backend_address(options):
        gone = elsewhere.of_partnership(options.state, plan.partnership).keys() - set(standing)
        elsewhere.forget(options.state, plan.partnership, gone)


def came_home(options: argparse.Namespace, stack: str) -> None:
    """Forget that a stack's state was elsewhere: it is in the state directory now."""
    from moothall.deploy import elsewhere

    elsewhere.forget(options.state, parts(stack).partnership, [stack])


def told(options: argparse.Namespace) -> Iterator[Result]:
    """Say, for `doctor`, of which partnerships the states and locks are not looked at."""
    seen = {(parts(stack).partnership, url) for stack, url in found(options).items()}
    for partnership, url in sorted(seen):
        detail = f"it is in {url}; of what is there, and of its locks, Pulumi's CLI tells"
        yield Result("backend", f"State of {partnership}", SKIPPED, detail)


def _by_hand(url: str, stack: str, words: Sequence[str]) -> str:
    """Return the command that does it with Pulumi's CLI, and where it is typed."""
    variables, note = f"PULUMI_BACKEND_URL={shlex.quote(url)}", _NOTES.get(words[0], "")
    if words[0] in _OPENING:
        variables += " PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER=true"
        variables += f" PULUMI_CONFIG_PASSPHRASE_FILE={shlex.quote(passphrase_file(environment.whole()) or 'FILE')}"
    return f"{variables} pulumi {shlex.join(words)} --stack organization/moothall/{stack}{note}"


def _failure(options: argparse.Namespace, there: Mapping[str, str], mend: str) -> Failure:
    (first, url), others = next(iter(there.items())), len(there) - 1
    more = f" and {others} more" if others else ""
    what = f"the state of {first}{more} is in {url} and not in {options.state}"
    return Failure(what, left="Nothing was touched.", mend=mend, exit_code=REFUSED)
