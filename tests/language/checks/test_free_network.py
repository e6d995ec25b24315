"""The law of the proposed network: it is free, at its site, and the first such behind the site's councils."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.language.checks.free_network import _first_free
from moothall.language.facts.blocks import Block

SPACE = Block(10 << 24, (10 << 24) + 1023)


@st.composite
def neighbours(draw: st.DrawFn) -> list[Block]:
    """Draw networks in and around the space that do not overlap each other."""
    taken: list[Block] = []
    for _ in range(draw(st.integers(0, 12))):
        size = 1 << draw(st.integers(2, 8))
        first = SPACE.first + size * draw(st.integers(-1, 1024 // size))
        block = Block(first, first + size - 1)
        if not any(block.overlaps(other) for other in taken):
            taken.append(block)
    return sorted(taken)


@given(neighbours(), st.sampled_from([16, 32, 64, 256]), st.integers(0, 1100), st.data())
@settings(max_examples=200, deadline=None)
def test_it_is_the_first_that_nobody_has(busy: list[Block], size: int, begin: int, draw: st.DataObject) -> None:
    """Compared with trying every network of the size in turn."""
    candidates = [Block(first, first + size - 1) for first in range(SPACE.first, SPACE.last, size)]
    twins = {block.first & 0xFFFFFF for block in draw.draw(st.lists(st.sampled_from(candidates), max_size=4))}
    start = SPACE.first + begin

    found = _first_free(SPACE, size, busy, twins, start)

    free = [
        block
        for block in candidates
        if block.first >= start
        and block.first & 0xFFFFFF not in twins
        and not any(block.overlaps(other) for other in busy)
    ]
    assert found == (free[0] if free else None)
