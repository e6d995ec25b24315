"""The secrets of a partnership: its vault, which generation of each secret is in use, and the passphrase."""

from __future__ import annotations

import os
from collections.abc import Callable

from moothall import environment
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.ports import Vault
from moothall.settings.day import certificates_day

NO_KEY = "none"

# Certificates have to work today, whatever day the plan is made for: hence a day of its own in every vault.


def open_vault(context: Context, plan: Plan, *, create: bool = False) -> Vault:
    """Return the partnership's vault; with `create` its key and the user's passphrase are made when absent."""
    from moothall.keys import master_key
    from moothall.keys.vault import DerivingVault
    from moothall.pulumi_engine.state.passphrase import Passphrase

    def cipher(salt: str | None) -> Passphrase:
        return Passphrase(_passphrase(create=create), salt)

    master = master_key(context.state, plan.partnership, cipher, create=create)
    numbers = generation(context, plan)
    return DerivingVault(master, plan.partnership, agreed=plan.agreed, as_of=certificates_day(), generation=numbers)


def generation(context: Context, plan: Plan) -> Callable[[str], int]:
    """Return which generation of each secret of the partnership is in use; the first of all before the first `up`."""
    from moothall.keys.key_versions import generations

    if key_id(context, plan) == NO_KEY:
        return lambda label: 1
    return generations(context.state, plan.partnership, plan.identities)


def passing_vault(plan: Plan) -> Vault:
    """Return a vault with a key of the moment, for looking ahead at what has never been stood up."""
    from moothall.keys.vault import DerivingVault

    return DerivingVault(os.urandom(32), plan.partnership, agreed=plan.agreed, as_of=certificates_day())


def key_id(context: Context, plan: Plan) -> str:
    """Return the public id of the partnership's key in this state, "none" before the first `up`."""
    from moothall.keys.keyring import key_id as read

    return read(context.state, plan.partnership) or NO_KEY


def state_passphrase() -> str:
    """Return the passphrase of the state; asked for only when a secret is read or written."""
    return _passphrase(create=False)


def _passphrase(*, create: bool) -> str:
    from moothall.keys import passphrase

    return passphrase(environment.full_environment(), create=create)
