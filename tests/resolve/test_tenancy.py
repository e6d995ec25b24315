"""The levels of settings: one merge rule, and `explain` says the same as what is resolved."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from moothall.model.tenancy import merge_levels
from moothall.model.written import ModuleUse, Tenancy
from moothall.source import Document, Origin

NOWHERE = Origin(Document("nowhere", {}, {}))
days = st.none() | st.dates(date(2006, 1, 1), date(2008, 1, 1))
uses = st.builds(
    ModuleUse,
    module=st.just("finance"),
    start=days,
    until=days,
    planned=st.booleans(),
    data_owner=st.none() | st.just("durham"),
    origin=st.just(NOWHERE),
).filter(lambda use: not (use.planned and (use.start or use.until)))
levels = st.builds(
    Tenancy,
    modules=st.dictionaries(st.sampled_from(["finance", "procurement"]), uses),
    memory=st.none() | st.sampled_from(["256MiB", "1GiB"]),
    session=st.none() | st.sampled_from(["5m", "1h"]),
    password_length=st.none() | st.integers(8, 64),
    share=st.none() | st.integers(0, 2),
    recovery_point=st.none() | st.just("60s"),
    recovery_time=st.none() | st.just("15m"),
    origin=st.just(NOWHERE),
)


@given(levels, levels, levels)
def test_merging_is_associative(first: Tenancy, second: Tenancy, third: Tenancy) -> None:
    """Which two levels are merged first makes no difference."""
    assert merge_levels(merge_levels(first, second), third) == merge_levels(first, merge_levels(second, third))


@given(levels)
def test_a_level_that_says_nothing_changes_nothing(level: Tenancy) -> None:
    """Merging with silence, or with itself, gives the level back."""
    silent = Tenancy({}, None, None, None, None, None, None, NOWHERE)

    assert merge_levels(level, silent) == merge_levels(silent, level) == level
    assert merge_levels(level, level) == merge_levels(None, level) == level


@given(levels, levels)
def test_the_nearer_level_wins_field_by_field(farther: Tenancy, nearer: Tenancy) -> None:
    """Every value is that of the nearest level that says something; a share of nothing is a value."""
    result = merge_levels(farther, nearer)

    for field in ("memory", "session", "password_length", "share", "recovery_point", "recovery_time"):
        said = getattr(nearer, field)
        assert getattr(result, field) == (getattr(farther, field) if said is None else said)
    assert result.modules.keys() == farther.modules.keys() | nearer.modules.keys()
