"""States in a backend outside the state directory: the record of their addresses, and the refusals."""

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
"""Notes to commands of Pulumi's CLI: two of them need the project's file."""
_DECRYPTING_WORDS = frozenset({"refresh", "state"})
"""The commands that decrypt secrets."""


def refuse_local(context: Context, plan: Plan) -> None:
    """Raise OperationError (refused) where the partnership's state is in a backend, and the options name none."""
    from moothall.deploy.elsewhere import of_partnership

    addresses = of_partnership(context.state, plan.partnership)
    if addresses and not chosen_backend(context):
        engine_words = () if context.engine == PULUMI else ("--engine", PULUMI)
        url = next(iter(addresses.values()))
        raise _refusal(context, addresses, context.repeated_command(*engine_words, "--backend", url))


def refuse_backend(context: Context, plan: Plan, backend_counts: Mapping[str, int]) -> None:
    """Raise OperationError (refused) where the partnership stands by the state directory, and the backend that the
    options name knows nothing of it: everything would be begun anew there, under names that are taken.

    `backend_counts` are the resources of each stack in the backend. Once a partnership is there, what is left of it in
    a state directory counts no more.
    """
    from moothall import pulumi_engine
    from moothall.deploy.deployment import PROJECT
    from moothall.deploy.elsewhere import of_partnership

    if any(backend_counts.values()) or of_partnership(context.state, plan.partnership):
        return
    backend = pulumi_engine.Backend(context.state, state_passphrase)
    local_counts = pulumi_engine.resource_counts(
        PROJECT, backend, lambda name: parts(name).partnership == plan.partnership
    )
    local_stacks = [name for name, count in local_counts.items() if count]
    if local_stacks:
        url = without_secrets(chosen_backend(context))
        raise OperationError(
            f"{_states(local_stacks)} is in {context.state} and not in {url}",
            state="Nothing was touched. How a state is carried into a backend is said in docs/recovery.md.",
            hint=_local_command(context),
            exit_code=REFUSED,
        )


def refuse(context: Context, stacks: Iterable[str], *words: str, note: str = "") -> None:
    """Raise OperationError (refused) where the state of one of the stacks is in a backend, where it is not looked into.

    `words` are those of Pulumi's CLI, which does, for one stack. MOOTHALL_BACKEND says so of all that there are.
    """
    addresses = remote_addresses(context)
    backend_variable = variable(environment.BACKEND, backend_url)
    chosen_stacks = [stack for stack in stacks if backend_variable or stack in addresses]
    if not chosen_stacks and not (backend_variable and not stacks):
        return
    url = without_secrets(backend_variable) if backend_variable else addresses[chosen_stacks[0]]
    cli_command = _cli_command(url, chosen_stacks[0] if chosen_stacks else "STACK", words) + (note and f"  # {note}")
    raise _refusal(context, dict.fromkeys(chosen_stacks or ["all stacks"], url), cli_command)


def remote_addresses(context: Context) -> Mapping[str, str]:
    """Return the backend address of each stack whose state is not in the state directory, by stack."""
    from moothall.deploy.elsewhere import of_all

    return of_all(context.state)


def remember(context: Context, plan: Plan) -> None:
    """Record where Pulumi keeps the states of the chosen stacks, if that is a backend: its survey has reached it."""
    from moothall.deploy import elsewhere

    if url := chosen_backend(context):
        stacks = [stack.name for stack in plan.stacks if context.selects(stack)]
        elsewhere.remember(context.state, plan.partnership, stacks, without_secrets(url))


def forget(context: Context, plan: Plan, standing_stacks: Iterable[str]) -> None:
    """Forget the stacks of a partnership of which the backend that the options name holds nothing more."""
    from moothall.deploy import elsewhere

    if chosen_backend(context):
        forgotten_stacks = elsewhere.of_partnership(context.state, plan.partnership).keys() - set(standing_stacks)
        elsewhere.forget(context.state, plan.partnership, forgotten_stacks)


def forget_stack(context: Context, stack: str) -> None:
    """Forget the backend address of a stack whose state is in the state directory now."""
    from moothall.deploy import elsewhere

    elsewhere.forget(context.state, parts(stack).partnership, [stack])


def check_results(context: Context) -> Iterator[CheckResult]:
    """Yield a skipped check, for `doctor`, for each partnership whose states and locks are in a backend."""
    partnership_urls = {(parts(stack).partnership, url) for stack, url in remote_addresses(context).items()}
    for partnership, url in sorted(partnership_urls):
        detail = f"it is in {url}; of what is there, and of its locks, Pulumi's CLI tells"
        yield CheckResult("backend", f"State of {partnership}", SKIPPED, detail)


def _local_command(context: Context) -> str:
    """Return the command line without its backend, so that the state in the state directory is used."""
    unset = ("env", "-u", environment.BACKEND) if variable(environment.BACKEND, backend_url) else ()
    return shlex.join([*unset, "moothall", *_without_backend(context.command_words)])


def _without_backend(command_words: Iterable[str]) -> Iterator[str]:
    words = iter(command_words)
    for word in words:
        if word == "--backend":
            next(words, None)
        elif not word.startswith("--backend="):
            yield word


def _cli_command(url: str, stack: str, words: Sequence[str]) -> str:
    """Return the equivalent command of Pulumi's CLI, with a note on where to type it."""
    variables, note = f"PULUMI_BACKEND_URL={shlex.quote(url)}", _NOTES.get(words[0], "")
    if words[0] in _DECRYPTING_WORDS:
        variables += " PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER=true"
        variables += (
            f" PULUMI_CONFIG_PASSPHRASE_FILE={shlex.quote(passphrase_file(environment.full_environment()) or 'FILE')}"
        )
    return f"{variables} pulumi {shlex.join(words)} --stack organization/moothall/{stack}{note}"


def _refusal(context: Context, addresses: Mapping[str, str], hint: str) -> OperationError:
    message = f"{_states(addresses)} is in {next(iter(addresses.values()))} and not in {context.state}"
    return OperationError(message, state="Nothing was touched.", hint=hint, exit_code=REFUSED)


def _states(stacks: Collection[str]) -> str:
    other_count = len(stacks) - 1
    return f"the state of {next(iter(stacks))}" + (f" and {other_count} more" if other_count else "")
