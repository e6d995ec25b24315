"""Which version of each key is in use: pure rules, without a file or a passphrase.

A version is a number that people can say, its generation, and a salt: randomness that is new with each rotation and
goes into all that is derived from then on. So an old copy of the master key derives nothing of a later generation.
Generations that were counted before there were salts have none, and derive what they did.

There is a version for the whole partnership, one for each council that was ever rotated (by uid), and one for each
name whose council has left. A key follows all that concern it: the numbers add up and the salts are joined. The
partnership's authority, which every certificate in use refers to, has versions of its own: two of them are trusted for
a while. So have the ciphers of backup repositories: with each begins a new repository, and the former one is kept for
as long as its backups are of use. The seal of what was built goes with them, and no former one is believed.

Each version derives from the newest master key that was there when it began.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from moothall.model.planned import FOR_PEOPLE

PARTNERSHIP = ""
"""Stands for everybody in place of a council's uid."""
AUTHORITY = "authority"
"""The label of the partnership's authority."""
SEAL = "secret/images"
"""The label of the seal on the record of what was built (`deploy.built_images`)."""
SALT_BYTES = 32
_MARK_DIGITS = 12
_OF_COUNCILS = ("relay", "gateway", "user", "transit")


class KeyVersion(NamedTuple):
    """A generation and its salts, joined, in hexadecimal; without one the number alone tells it from others.

    `since` is the change of the keyring with which it began, 0 for a version without a salt.
    """

    number: int = 1
    salt: str = ""
    since: int = 0

    def next(self, since: int, more: int = 1) -> KeyVersion:
        """Return a later version, `more` generations on, with a salt that nobody has seen."""
        return KeyVersion(self.number + more, secrets.token_hex(SALT_BYTES), since)

    def tag(self) -> str:
        """Return what tells this version from others in a text; empty for the first."""
        return "" if self == FIRST else f"{self.number}.{self.salt}" if self.salt else str(self.number)


FIRST = KeyVersion()
OF_MACHINES = KeyVersion(0)
"""Of the authority that browsers trust: the first of machines, which signed for people, too, before there were two."""
_NOBODY_LEFT = KeyVersion(0)
VersionOf = Callable[[str], KeyVersion]
"""Gives the version of a label: `secret/<label>`, `leaf/<name of a certificate>`, `authority`."""


class FormerVersion(NamedTuple):
    """A version of the ciphers of repositories that are kept, and until when: seconds since 1970."""

    version: KeyVersion
    until: int


@dataclass(frozen=True)
class KeyVersions:
    """The versions of a keyring: `generations` by council's uid or PARTNERSHIP, `left` by the name of a leaver.

    The number of a leaver's name is how many generations of keys it has seen. `authorities` are all that are trusted;
    the first of them signs. `people` are those that browsers trust, in the same order. `repositories` is the version of
    the ciphers into which backups go, and `former` has those of repositories that are only read, the newest first.
    """

    generations: Mapping[str, KeyVersion] = field(default_factory=dict)
    left: Mapping[str, KeyVersion] = field(default_factory=dict)
    authorities: tuple[KeyVersion, ...] = (FIRST,)
    people: tuple[KeyVersion, ...] = (OF_MACHINES,)
    repositories: KeyVersion = FIRST
    former: tuple[FormerVersion, ...] = ()

    def of(self, label: str, identities: Mapping[str, str]) -> KeyVersion:
        """Return the version of a label; `identities` holds the uid of each council."""
        if label == AUTHORITY:
            return self.authorities[0]
        if is_repository(label) or label == SEAL:
            return self.repositories
        parts = [self.generations.get(PARTNERSHIP, FIRST), self.left.get(_council(label), _NOBODY_LEFT)]
        number = parts[0].number + parts[1].number
        if uid := _uid(label, identities):
            parts.append(self.generations.get(uid, FIRST))
            number += parts[2].number - 1
        return KeyVersion(number, "".join(part.salt for part in parts), max(part.since for part in parts))

    def tag(self, label: str, identities: Mapping[str, str]) -> str:
        """Return what tells the version in use of a label from others in a text; empty for the first."""
        if label == AUTHORITY:
            return "+".join(version.tag() for version in self.authorities)
        if is_repository(label):
            return "+".join([self.repositories.tag(), *(str(former.version.number) for former in self.former)])
        tag = self.of(label, identities).tag()
        if label.startswith(f"leaf/{FOR_PEOPLE}") and self.people != (OF_MACHINES,):
            tag += "".join(f"/{version.number}.{version.salt}" for version in self.people)
        return tag

    def advance(self, whose: str, since: int) -> KeyVersions:
        """Return the versions after a rotation for a council by uid, or for PARTNERSHIP."""
        return replace(self, generations={**self.generations, whose: self.generations.get(whose, FIRST).next(since)})

    def retire(self, council: str, uid: str, since: int) -> KeyVersions:
        """Return the versions after a council has left: no key of it is ever in use again, whoever takes its name.

        Certificates are for names, and those of the leaver are valid for months to come. So the name counts on from
        where the leaver was, also for another council, and the leaver's own passwords are others should it come back.
        """
        own_count = self.generations.get(uid, FIRST).number
        later = self.left.get(council, _NOBODY_LEFT).next(since, own_count)
        return replace(self.advance(uid, since), left={**self.left, council: later})

    @property
    def is_exchanging(self) -> bool:
        """Say whether the authority is being exchanged: then two are trusted."""
        return len(self.authorities) > 1

    def begin_exchange(self, since: int, until: int) -> KeyVersions:
        """Return the versions with a second authority that is trusted, while the first goes on signing.

        Backups go into new repositories, and the present ones are kept `until` then, in seconds since 1970.
        """
        return replace(
            self,
            authorities=(*self.authorities, self.authorities[-1].next(since)),
            people=(*self.people, self.people[-1].next(since)),
            repositories=self.repositories.next(since),
            former=(FormerVersion(self.repositories, until), *self.former),
        )

    def forget(self, now: int) -> KeyVersions:
        """Return the versions without former repositories whose time is over, in seconds since 1970."""
        return replace(self, former=tuple(former for former in self.former if former.until > now))

    def all_beginnings(self) -> set[int]:
        """Return the changes with which those versions began that may be older than the last of everybody's."""
        kept = (*self.authorities, *self.people, self.repositories, *(former.version for former in self.former))
        return {version.since for version in kept}

    def go_on(self) -> KeyVersions:
        """Return the versions of the next phase: the newer authority signs, then it alone is trusted.

        Each phase may begin when everything that stands follows the one before it.
        """
        return replace(self, authorities=_handed_over(self.authorities), people=_handed_over(self.people))

    def public(self) -> KeyVersions:
        """Return what anybody may see of these versions: a short digest stands for each salt."""
        return KeyVersions(
            _public(self.generations),
            _public(self.left),
            tuple(map(_marked, self.authorities)),
            tuple(map(_marked, self.people)),
            _marked(self.repositories),
            tuple(former._replace(version=_marked(former.version)) for former in self.former),
        )

    def count_changes(self) -> int:
        """Return how many rotations and departures these versions have seen, at least."""
        return sum(version.number - 1 for version in self.generations.values()) + len(self.left)


def _handed_over(authorities: tuple[KeyVersion, ...]) -> tuple[KeyVersion, ...]:
    """Return the authorities of the next phase: the newest signs, then it is alone."""
    newest = max(authorities, key=lambda version: version.number)
    if authorities[0] == newest:
        return (newest,)
    return (newest, *(each for each in authorities if each != newest))


def _public(versions: Mapping[str, KeyVersion]) -> dict[str, KeyVersion]:
    return {whose: _marked(version) for whose, version in versions.items()}


def _marked(version: KeyVersion) -> KeyVersion:
    return version._replace(salt=_mark(version.salt))


def _mark(salt: str) -> str:
    """Return what stands for a salt in public, nothing for none: of 256 random bits it tells nothing."""
    return salt and hashlib.sha256(f"moothall/v1/mark/{salt}".encode()).hexdigest()[:_MARK_DIGITS]


def is_repository(label: str) -> bool:
    """Say whether a label is that of the cipher of an instance's backup repository."""
    return label.startswith("secret/instance/") and label.endswith("/repository-cipher")


def _uid(label: str, identities: Mapping[str, str]) -> str | None:
    """Return the uid of the council whose secret or certificate this is, None for the partnership's and instances'."""
    parts = label.split("/")
    if parts[:2] == ["secret", "tenant"]:
        return parts[2]
    return identities.get(_council(label))


def _council(label: str) -> str:
    """Return the name of the council whose certificate this is, "" for all else."""
    names = label.rsplit("/", maxsplit=1)[-1].split(".")
    return names[1] if label.startswith("leaf/") and names[0] in _OF_COUNCILS else ""
