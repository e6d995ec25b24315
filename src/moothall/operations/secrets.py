"""The secrets of a partnership: its vault, which generation of each secret is in use, and the passphrase."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from moothall import environment
from moothall.failures import OperationError
from moothall.model.image import is_image_id
from moothall.model.planned import Plan
from moothall.operations.context import Context
from moothall.ports import Vault
from moothall.settings.day import certificates_day

if TYPE_CHECKING:
    from moothall.keys.key_versions import KeyVersions
    from moothall.keys.keyring import Keyring, MakeCipher
    from moothall.keys.vault import DerivingVault

NO_KEY = "none"

# Certificates have to work today, whatever day the plan is made for: hence a day of its own in every vault.


def open_vault(context: Context, plan: Plan, *, create: bool = False) -> Vault:
    """Return the partnership's vault; with `create` its key and the user's passphrase are made when absent.

    Raises OperationError where it does not open, and for a plan with images from a record that it has not sealed.
    """
    from moothall.keys import seen_keyrings

    keyring = _open_keyring(context, plan, create=create)
    seen_keyrings.refuse_older(environment.full_environment(), keyring)
    vault = _vault_of(keyring, plan)
    _refuse_altered_images(context, plan, vault)
    return vault


def take_copy(context: Context, plan: Plan) -> tuple[DerivingVault, int]:
    """Return the vault of the keyring as it is now, whatever becomes of that, and the last change of it."""
    keyring = _open_keyring(context, plan)
    return _vault_of(keyring, plan), keyring.sequence


def _vault_of(keyring: Keyring, plan: Plan) -> DerivingVault:
    from moothall.keys.vault import DerivingVault

    return DerivingVault(
        keyring.masters,
        plan.partnership,
        agreed=plan.agreed,
        as_of=certificates_day(),
        version=lambda label: keyring.versions.of(label, plan.identities),
        authorities=keyring.versions.authorities,
        people=keyring.versions.people,
        domain=plan.domain,
        former=[former.version for former in keyring.versions.former],
    )


def _refuse_altered_images(context: Context, plan: Plan, vault: Vault) -> None:
    """Raise OperationError for a plan with images from a record that this vault has not sealed."""
    from moothall.deploy import built_images

    from_record = any(is_image_id(container.image) for stack in plan.stacks for container in stack.containers)
    if from_record and built_images.is_altered(context.state, plan.partnership, vault):
        raise OperationError(
            f"Somebody has altered {built_images.record_path(context.state, plan.partnership)}, "
            "which says which images were built: the key of the partnership did not seal it",
            state="Nothing was changed, and none of those images was run.",
            hint=f"moothall up --yes --partnership {plan.partnership}  # which does not believe it, and records anew",
        )


def refuse_older_keyring(context: Context, plan: Plan, used: int) -> None:
    """Raise OperationError for a keyring that cannot be opened, or is older than the one that was used last.

    `used` is the newest one by which anything stands.
    """
    from moothall.keys import seen_keyrings

    seen_keyrings.refuse_older(environment.full_environment(), _open_keyring(context, plan), used)


def check_rotation(context: Context, plan: Plan, council: str | None, used: int) -> None:
    """Raise OperationError as `refuse_older_keyring` does for the keys of a council.

    Those of everybody may be exchanged in an older keyring too: of what comes then nobody has an old copy.
    """
    if council:
        refuse_older_keyring(context, plan, used)
    else:
        _open_keyring(context, plan)


def rotate(context: Context, plan: Plan, council: str | None, used: int) -> int:
    """Begin a new generation of a council's keys, or of everybody's, and return its number.

    The keyring is then newer than any that was seen here, or `used` for what stands.
    """
    from moothall.keys import seen_keyrings
    from moothall.keys.changes import advance
    from moothall.keys.key_versions import PARTNERSHIP

    whose = plan.identities[council] if council else PARTNERSHIP
    seen = seen_keyrings.last_seen(environment.full_environment(), _open_keyring(context, plan))
    keyring = advance(context.state, plan.partnership, whose, _cipher(create=False), seen=max(seen, used))
    seen_keyrings.remember(environment.full_environment(), keyring)
    return keyring.versions.generations[whose].number


def exchange_master(context: Context, plan: Plan, used: int) -> int:
    """Begin with a new master key and a second authority, as `rotate` begins a generation, and return its number.

    Backups go into new repositories. The present ones are kept for as long as the longest term for which any full
    backup is. The record of images is sealed by the new key as well as by the present one.
    """
    from moothall.deploy import built_images
    from moothall.keys import changes, seen_keyrings
    from moothall.keys.key_versions import PARTNERSHIP

    seen = seen_keyrings.last_seen(environment.full_environment(), _open_keyring(context, plan))
    cipher, until = _cipher(create=False), int(time.time()) + longest_kept_seconds(plan)

    def hand_over(keyring: Keyring, next_keyring: Keyring) -> None:
        built_images.hand_over(context.state, plan.partnership, _vault_of(keyring, plan), _vault_of(next_keyring, plan))

    keyring = changes.exchange_master(context.state, plan.partnership, cipher, until, hand_over, seen=max(seen, used))
    seen_keyrings.remember(environment.full_environment(), keyring)
    return keyring.versions.generations[PARTNERSHIP].number


def longest_kept_seconds(plan: Plan) -> int:
    """Return the longest term for which full backups are kept, 0 where there are none."""
    return max((backup.kept_seconds for backup in plan.backups), default=0)


def phase_in_use(context: Context, plan: Plan) -> KeyVersions:
    """Return the public form of the versions in use, which says which authorities are trusted; no passphrase is asked
    for."""
    from moothall.keys.keyring_file import public_versions

    return public_versions(context.state, plan.partnership)


def begin_next_phase(context: Context, plan: Plan, phase: KeyVersions) -> str:
    """Begin the phase after one that everything follows, and return what it is. Raises OperationError."""
    from moothall.keys import changes, seen_keyrings

    keyring = changes.go_on(context.state, plan.partnership, _cipher(create=False), phase)
    seen_keyrings.remember(environment.full_environment(), keyring)
    if keyring.versions.is_exchanging:
        return "everybody trusts two authorities: certificates of the new one are handed out"
    return "every certificate is the new authority's: the old one is trusted no more"


def forget_repositories(context: Context, plan: Plan, phase: KeyVersions) -> bool:
    """Forget the ciphers of repositories whose time is over; returns whether there were any. Raises OperationError."""
    from moothall.keys import changes, seen_keyrings

    now = int(time.time())
    if phase.forget(now) == phase:
        return False
    keyring = changes.forget_repositories(context.state, plan.partnership, _cipher(create=False), now)
    seen_keyrings.remember(environment.full_environment(), keyring)
    return True


def settle_keyring(context: Context, plan: Plan, departed_councils: Mapping[str, str]) -> None:
    """Retire the keys of councils that leave, by name and uid, seal a keyring of before, and remember how new it is."""
    from moothall.keys import changes, seen_keyrings

    cipher = _cipher(create=False)
    for council, uid in departed_councils.items():
        changes.retire(context.state, plan.partnership, council, uid, cipher)
    seen_keyrings.remember(environment.full_environment(), changes.seal(context.state, plan.partnership, cipher))


def generation_tag(context: Context, plan: Plan) -> Callable[[str], str]:
    """Return what tells the generation in use of each label from others, without a passphrase; empty for the first."""
    versions = phase_in_use(context, plan)
    return lambda label: versions.tag(label, plan.identities)


def passing_vault(plan: Plan) -> Vault:
    """Return a vault with a key of the moment, for looking ahead at what has never been stood up."""
    from moothall.keys.vault import DerivingVault

    return DerivingVault({0: os.urandom(32)}, plan.partnership, agreed=plan.agreed, as_of=certificates_day())


def key_id(context: Context, plan: Plan) -> str:
    """Return the public id of the partnership's key in this state, "none" before the first `up`."""
    from moothall.keys.keyring_file import key_id as read

    return read(context.state, plan.partnership) or NO_KEY


def state_passphrase() -> str:
    """Return the passphrase of the state; asked for only when a secret is read or written."""
    return _passphrase(create=False)


def _open_keyring(context: Context, plan: Plan, *, create: bool = False) -> Keyring:
    from moothall.keys import open_keyring

    return open_keyring(context.state, plan.partnership, _cipher(create=create), create=create)


def _cipher(*, create: bool) -> MakeCipher:
    from moothall.pulumi_engine.state.passphrase import Passphrase

    return lambda salt: Passphrase(_passphrase(create=create), salt)


def _passphrase(*, create: bool) -> str:
    from moothall.keys import passphrase

    return passphrase(environment.full_environment(), create=create)
