"""The newest keyring by which anything stands, as the engines say: neither a state nor a user's folder is asked."""

from __future__ import annotations

from moothall.failures import Inconclusive, OperationError
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.operations.secrets import NO_KEY, key_id
from moothall.operations.stacks.engine_bindings import Reach


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
    own_labels = (each[KEYRING] for each in labels if each.get(OWNER, "").endswith(f"@{own_key}"))
    return max((int(change) for change in own_labels if change.isdecimal()), default=0)
