"""The newest keyring by which anything stands, as the engines say: neither a state nor a user's folder is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from moothall.failures import Inconclusive, OperationError
from moothall.model.planned import Container, Plan
from moothall.operations.context import Context
from moothall.operations.secrets import NO_KEY, begin_next_phase, key_id, open_vault, phase_in_use
from moothall.operations.stacks.engine_bindings import Reach

_CHANGE = "[0-9]{1,18}"
"""The number of a keyring's change in a label; anybody on the engine can have a container say something else."""


def newest_used(context: Context, plan: Plan, engine_reach: Reach) -> int:
    """Return the last change of the partnership's keyring that anything on the engines that answer follows.

    It is 0 where no keys were ever exchanged. Raises OperationError where an engine falls silent.
    """
    from moothall.deploy.labels import KEYRING, OWNER
    from moothall.docker_engine.pool import EnginePool

    own_key = key_id(context, plan)
    if own_key == NO_KEY:
        return 0
    pool = EnginePool(plan, engine_reach.engines)
    try:
        labels = [
            container["Labels"]
            for engine in {pool.of_site(site) for site in engine_reach.identities}
            for container in engine.containers({"label": KEYRING})
        ]
    except Inconclusive as reason:
        raise OperationError(str(reason), state="Nothing was touched.", hint="moothall doctor") from reason
    return newest_change(each[KEYRING] for each in labels if each.get(OWNER, "").endswith(f"@{own_key}"))


def newest_change(labels: Iterable[str]) -> int:
    """Return the highest number among what labels say, 0 if there is none."""
    return max((int(change) for change in labels if re.fullmatch(_CHANGE, change)), default=0)


def end_ended_exchange(context: Context, plan: Plan, engine_reach: Reach) -> None:
    """End an exchange of the authority in the keyring where what stands trusts the old one no more.

    The last phase recreates nothing, so no label says that it has ended. Who puts a keyring back from the middle of it
    would have everybody trust again whom a thief can sign for. Raises OperationError.
    """
    while phase_in_use(context, plan).is_exchanging and _has_ended(context, plan, engine_reach):
        begin_next_phase(context, plan, phase_in_use(context, plan))


def _has_ended(context: Context, plan: Plan, engine_reach: Reach) -> bool:
    """Say whether anything that stands does not trust the older of the two authorities."""
    from moothall.docker_engine.pool import EnginePool
    from moothall.verify.checks.certificates import file_texts, pems, trusting_files

    numbers = [authority.number for authority in phase_in_use(context, plan).authorities]
    oldest = pems(open_vault(context, plan).authority())[numbers.index(min(numbers))]
    pool = EnginePool(plan, engine_reach.engines)
    for container in _first_of_each_stack(plan, engine_reach):
        with suppress(Inconclusive):  # it may not stand yet
            [path, *_] = trusting_files(container)
            if oldest not in file_texts(pool.of(container.name), container.name, [path])[path]:
                return True
    return False


def _first_of_each_stack(plan: Plan, engine_reach: Reach) -> Iterator[Container]:
    """Yield one container of each stack on the engines that answer which trusts the partnership's authority."""
    from moothall.verify.checks.certificates import trusting_files

    for stack in plan.stacks:
        if stack.site not in engine_reach.silent:
            yield from [container for container in stack.containers if trusting_files(container)][:1]
