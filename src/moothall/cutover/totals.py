"""Totals of each account in each period, the old system's beside the tenant's, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from moothall.cutover.extract import NOTHING, Extract

Totals = Mapping[tuple[str, str], tuple[Decimal, Decimal]]
"""Debit and credit in pounds by period and account."""


class AccountComparison(NamedTuple):
    """One account in one period: debit and credit in the old system and in the tenant, in pounds."""

    period: str
    account: str
    description: str
    old: tuple[Decimal, Decimal]
    new: tuple[Decimal, Decimal]

    @property
    def differs(self) -> bool:
        """Whether the two are a penny or more apart."""
        return self.old != self.new


def expected_totals(extract: Extract) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Return what the old system says was posted; accounts without movement are left out."""
    return {
        (balance.period.text, balance.account.text): (balance.debit, balance.credit)
        for balance in extract.balances
        if balance.debit or balance.credit
    }


def compare(extract: Extract, actual_totals: Totals) -> tuple[AccountComparison, ...]:
    """Return every account and period that either side knows, in the order of the extract's files."""
    old_totals = expected_totals(extract)
    zero = (NOTHING, NOTHING)
    periods = {period.code.text: number for number, period in enumerate(extract.periods)}
    accounts = {account.code.text: number for number, account in enumerate(extract.accounts)}
    descriptions = {account.code.text: account.description for account in extract.accounts}

    def sort_key(key: tuple[str, str]) -> tuple[int, int]:
        return periods.get(key[0], len(periods)), accounts.get(key[1], len(accounts))

    return tuple(
        AccountComparison(*key, descriptions.get(key[1], ""), old_totals.get(key, zero), actual_totals.get(key, zero))
        for key in sorted({*old_totals, *actual_totals}, key=sort_key)
    )
