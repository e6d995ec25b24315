"""Words that are longer than any name."""

from __future__ import annotations

from moothall.model.did_you_mean import nearest


def test_a_long_word_is_compared_with_nothing() -> None:
    """It would cost minutes in a file that is full of them, and it is nobody's name."""
    assert nearest("financ", ["finance"]) == "finance"
    assert nearest("finance" * 100, ["finance" * 100]) is None
