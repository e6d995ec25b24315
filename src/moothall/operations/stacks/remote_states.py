"""States that are not in the state directory: what is said of them where only that is known, and when it is noted."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from moothall import environment
from moothall.failures import REFUSED, OperationError
from moothall.keys.passphrase import passphrase_file
from moothall.model.outcome import SKIPPED, CheckResult
from moothall.model.planned import Plan
from moothall.model.stackname import parts
from moothall.operations.context import PULUMI, Context
from moothall.operations.secrets import state_passphrase
from moothall.operations.stacks.runner import chosen_backend
from moothall.settings.backend_url import backend_url, without_secrets
from moothall.settings.variable import variable

_NOTES = {
    "cancel": "  # only when you know that its owner is gone",
    "refresh": "  # in stacks/",
    "state": "  # in stacks/",
}
"""What is said of commands of Pulumi's CLI: two of them want the project's file."""
_OPENING = frozenset({"refresh", "state"})
"""Those that open what is sealed."""


def refuse_local(context: Context, plan: Plan) -> None:
    """Raise OperationError (refused) where the partnership's state is in a backend, and the options name none."""
    from moothall.deploy.elsewhere import of_partnership

    there = of_partnership(context.state, plan.partnership)
    if there and not chosen_backend(context):
        pulumi = () if context.engine == PULUMI else ("--engine", PULUMI)
        url = next(iter(there.values()))
        raise _failure(context, there, context.again(*pulumi, "--backend", url))


def refuse_backend(context: Context, plan: Plan, recorded: Mapping[str, int]) -> None:
    """Raise OperationError (refused) where the partnership stands by the state directory, and the backend that the
    options name knows nothing of it: everything would be begun anew there, under names that are taken.

    `recorded` is how much of each stack is in the backend. Once a partnership is there, what is left of it in a state
    directory counts no more.
    """
    from moothall import pulumi_engine
    from moothall.deploy.deployment import PROJECT
    from moothall.deploy.elsewhere import of_partnership

    if any(recorded.values()) or of_partnership(context.state, plan.partnership):
        return
    states = pulumi_engine.Backend(context.state, state_passphrase)
    mine = pulumi_engine.recorded(PROJECT, states, lambda name: parts(name).partnership == plan.partnership)
    here = [name for name, count in mine.items() if count]
    if here:
        url = without_secrets(chosen_backend(context))
        raise OperationError(
            f"{_states(here)} is in {context.state} and not in {url}",
            state="Nothing was touched. How a state is carried into a backend is said in docs/recovery.md.",
            hint=_at_home(context),
            exit_code=REFUSED,
        )


def refuse(context: Context, stacks: Iterable[str], *words: str, note: str = "") -> None:
    """Raise OperationError (refused) where the state of one of the stacks is in a backend, where it is not looked into.

    `words` are those of Pulumi's CLI, which does, for one stack. MOOTHALL_BACKEND says so of all that there are.
    """
    there = found(context)
    named = variable("MOOTHALL_BACKEND", backend_url)
    chosen = [stack for stack in stacks if named or stack in there]
    if not chosen and not (named and not stacks):
        return
    url = without_secrets(named) if named else there[chosen[0]]
    by_hand = _by_hand(url, chosen[0] if chosen else "STACK", words) + (note and f"  # {note}")
    raise _failure(context, dict.fromkeys(chosen or ["all stacks"], url), by_hand)


def found(context: Context) -> Mapping[str, str]:
    """Return where states are that are not in the state directory, by stack."""
    from moothall.deploy.elsewhere import of_all

    return of_all(context.state)


def remember(context: Context, plan: Plan) -> None:
    """Record where Pulumi keeps the states of the chosen stacks, if that is a backend: its survey has reached it."""
    from moothall.deploy import elsewhere

    if url := chosen_backend(context):
        stacks = [stack.name for stack in plan.stacks if context.selects(stack)]
        elsewhere.remember(context.state, plan.partnership, stacks, without_secrets(url))


def forget(context: Context, plan: Plan, standing: Iterable[str]) -> None:
    """Forget the stacks of a partnership of which the backend that the options name holds nothing more."""
    from moothall.deploy import elsewhere

    if chosen_backend(context):
        gone = elsewhere.of_partnership(context.state, plan.partnership).keys() - set(standing)
        elsewhere.forget(context.state, plan.partnership, gone)


def came_home(context: Context, stack: str) -> None:
    """Forget that a stack's state was elsewhere: it is in the state directory now."""
    from moothall.deploy import elsewhere

    elsewhere.forget(context.state, parts(stack).partnership, [stack])


def told(context: Context) -> Iterator[CheckResult]:
    """Say, for `doctor`, of which partnerships the states and locks are not looked at."""
    seen = {(parts(stack).partnership, url) for stack, url in found(context).items()}
    for partnership, url in sorted(seen):
        detail = f"it is in {url}; of what is there, and of its locks, Pulumi's CLI tells"
        yield CheckResult("backend", f"State of {partnership}", SKIPPED, detail)


def _at_home(context: Context) -> str:
    """Return the command that was given, with the state in the state directory."""
    unset = ("env", "-u", "MOOTHALL_BACKEND") if variable("MOOTHALL_BACKEND", backend_url) else ()
    return shlex.join([*unset, "moothall", *_without_backend(context.typed)])


def _without_backend(typed: Iterable[str]) -> Iterator[str]:
    words = iter(typed)
    for word in words:
        if word == "--backend":
            next(words, None)
        elif not word.startswith("--backend="):
            yield word


def _by_hand(url: str, stack: str, words: Sequence[str]) -> str:
    """Return the command that does it with Pulumi's CLI, and where it is typed."""
    variables, note = f"PULUMI_BACKEND_URL={shlex.quote(url)}", _NOTES.get(words[0], "")
    if words[0] in _OPENING:
        variables += " PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER=true"
        variables += f" PULUMI_CONFIG_PASSPHRASE_FILE={shlex.quote(passphrase_file(environment.whole()) or 'FILE')}"
    return f"{variables} pulumi {shlex.join(words)} --stack organization/moothall/{stack}{note}"


def _failure(context: Context, there: Mapping[str, str], hint: str) -> OperationError:
    what = f"{_states(there)} is in {next(iter(there.values()))} and not in {context.state}"
    return OperationError(what, state="Nothing was touched.", hint=hint, exit_code=REFUSED)


def _states(stacks: Collection[str]) -> str:
    others = len(stacks) - 1
    return f"the state of {next(iter(stacks))}" + (f" and {others} more" if others else "")
