"""Certificates that are not what they should be: another's, of a key exchanged since, ended, or nearly so."""

from __future__ import annotations

from datetime import date

import pytest

from moothall.keys.key_versions import FIRST, KeyVersion
from moothall.keys.vault import DerivingVault
from moothall.model.planned import Certificate
from moothall.verify.checks.certificates import InstalledCertificate, trust_troubles

TODAY = date.today()
LEAF = Certificate("relay.durham.erp", "relay.durham.erp", (), (), ("client",))
OTHER = Certificate("relay.dales.erp", "relay.dales.erp", (), (), ("client",))


SECOND = FIRST.next(7)
PHASES = [(FIRST,), (FIRST, SECOND), (SECOND, FIRST), (SECOND,)]
"""The authorities while one is exchanged."""


def vault(
    years_ago: int = 0, version: KeyVersion = FIRST, authorities: tuple[KeyVersion, ...] = (FIRST,)
) -> DerivingVault:
    """The vault as it was in June some years ago; this year, as it is today."""
    as_of, agreed = TODAY if years_ago == 0 else date(TODAY.year - years_ago, 6, 1), date(2006, 10, 10)
    masters = {0: b"m" * 32, 7: b"n" * 32}
    return DerivingVault(masters, "p", agreed=agreed, as_of=as_of, version=lambda _: version, authorities=authorities)


def troubles(found: str, now: DerivingVault | None = None) -> list[str]:
    """What is wrong with a certificate that is found today in the place of the leaf's."""
    return list(InstalledCertificate(found).troubles(LEAF, now or vault()))


def phases(number: int) -> list[DerivingVault]:
    """The vaults of a phase of an exchange, and of the one before it, which a container may still follow."""
    return [vault(authorities=PHASES[number - 1]), vault(authorities=PHASES[number])]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_while_the_authority_is_exchanged(number: int) -> None:
    """Who follows is right, and who does not yet is too, as long as both sides believe each other."""
    before, now = phases(number)
    assert troubles(now.certificate(LEAF), now) == troubles(before.certificate(LEAF), now) == []
    assert list(trust_troubles(now.authority(), now)) == []
    left_behind = list(trust_troubles(before.authority(), now))
    assert left_behind == ([] if number < 3 else ["trusts an authority that is in use no more: moothall up"])


def test_of_an_authority_that_is_in_use_no_more() -> None:
    """It is refused everywhere, and whoever trusts it believes what a thief signs."""
    first, _, _, last = (vault(authorities=phase) for phase in PHASES)
    assert troubles(first.certificate(LEAF), last) == ["is signed by no authority that is in use: moothall up"]
    assert list(trust_troubles(first.authority(), last)) == [
        "does not trust the authority that signs",
        "trusts an authority that is in use no more: moothall up",
    ]
    assert list(trust_troubles("no certificate", last)) == ["does not trust the authority that signs"]


def test_this_years_is_right() -> None:
    """Nothing is wrong with it, and nothing newer is to be had."""
    assert troubles(vault().certificate(LEAF)) == []
    assert not InstalledCertificate(vault().certificate(LEAF)).renewable(vault().certificate(LEAF))


def test_last_years_is_renewed() -> None:
    """It is the newer one that a next `up` puts in."""
    assert InstalledCertificate(vault(years_ago=1).certificate(LEAF)).renewable(vault().certificate(LEAF))


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (vault().certificate(OTHER), ["is for relay.dales.erp instead of relay.durham.erp"]),
        (vault(version=FIRST.next(1)).certificate(LEAF), ["is of a key that is in use no more"]),
        (vault(years_ago=4).certificate(LEAF), [f"ended on {TODAY.year - 2}-03-31"]),
    ],
)
def test_what_is_wrong(found: str, wrong: list[str]) -> None:
    """Each is said in words, with the day."""
    assert troubles(found) == wrong


def test_near_its_end() -> None:
    """Two years old, it ends on 31 March of this year: too near, or past."""
    [said] = troubles(vault(years_ago=2).certificate(LEAF))
    assert (
        said.endswith(f"{TODAY.year}-03-31") or said == f"ends on {TODAY.year}-03-31 and was not renewed: moothall up"
    )
