"""Network arithmetic, held against the standard library's."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from moothall.language.facts.blocks import block, number

TEXTS = st.builds("{}/{}".format, st.ip_addresses(v=4), st.integers(0, 32))
NEAR = st.builds(
    lambda address, prefix: f"{IPv4Address(0x0A000000 | address)}/{prefix}", st.integers(0, 255), st.integers(22, 32)
)


def library(text: str) -> IPv4Network:
    """Return the same network as the standard library has it."""
    return IPv4Network(text, strict=False)


@given(TEXTS)
def test_a_block_is_the_network_that_holds_the_address(text: str) -> None:
    """First and last address, size and text are those of the network, whatever bits lie beyond the prefix."""
    expected, found = library(text), block(text)

    assert str(found) == str(expected)
    assert (found.first, found.last) == (int(expected[0]), int(expected[-1]))
    assert found.size == expected.num_addresses


@given(st.ip_addresses(v=4))
def test_an_address_is_a_number(address: IPv4Address) -> None:
    """The number of an address is the one that the standard library gives it."""
    assert number(str(address)) == int(address)


@given(NEAR, NEAR)
def test_overlap_and_containment(one: str, other: str) -> None:
    """Two networks overlap, or one contains the other, just when the standard library says so."""
    assert block(one).overlaps(block(other)) == library(one).overlaps(library(other))
    assert block(one).contains(block(other)) == library(other).subnet_of(library(one))
