"""The ledger in a tenant, through Tryton's own models: making what is missing, importing, reading back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from tenant.wanted import Refused
from trytond.pool import Pool
from trytond.transaction import Transaction

JOURNAL = "CUTOVER"
_AT_ONCE = 500
_CURRENCY = {"name": "Pound Sterling", "symbol": "£", "code": "GBP", "numeric_code": "826"}
_TYPES: dict[str, dict[str, object]] = {
    "asset": {"name": "Assets", "statement": "balance", "assets": True},
    "liability": {"name": "Liabilities", "statement": "balance"},
    "reserve": {"name": "Reserves", "statement": "balance"},
    "income": {"name": "Income", "statement": "income", "revenue": True},
    "expenditure": {"name": "Expenditure", "statement": "income", "expense": True},
}


def load(ledger: dict[str, Any]) -> None:
    """Import the ledger in the transaction under way: company, accounts, years, periods, journals, all posted.

    What is there already, by code or by dates, is used. Raises `Refused` where it contradicts the ledger.
    """
    company = _company(ledger["title"])
    with Transaction().set_context(company=company.id):
        accounts = _accounts(company, ledger["accounts"])
        periods = _periods(company, ledger["periods"])
        journal = _journal(ledger["system"])
        _post(company, journal, accounts, periods, ledger)


def totals() -> list[list[str]]:
    """Return what is posted in the journal of the import: period, account, debit, credit."""
    sums_by_key: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for line in _imported_lines():
        sums = sums_by_key[line.move.period.name, line.account.code]
        sums[0] += line.debit
        sums[1] += line.credit
    return [[*key, f"{debit:.2f}", f"{credit:.2f}"] for key, (debit, credit) in sorted(sums_by_key.items())]


def counted() -> tuple[int, int]:
    """Return how many journals and lines of the import are posted."""
    lines = _imported_lines()
    return len({line.move.id for line in lines}), len(lines)


def posted(since: list[Any]) -> int:
    """Return how many moves of the tenant were posted since, in whatever journal; `since` is a Tryton domain."""
    count: int = Pool().get("account.move").search([("state", "=", "posted"), since], count=True)
    return count


def _imported_lines() -> list[Any]:
    clause = [("move.journal.code", "=", JOURNAL), ("move.state", "=", "posted")]
    lines: list[Any] = Pool().get("account.move.line").search(clause)
    return lines


def _find_or_create(model: str, clause: list[Any], values: dict[str, Any]) -> Any:
    """Return the record that fits, made with `values` if there is none."""
    kind = Pool().get(model)
    records = kind.search(clause, limit=1)
    return records[0] if records else kind.create([values])[0]


def _company(title: str) -> Any:
    """Return the tenant's one company, which keeps its books in pounds; made if there is none."""
    kind = Pool().get("company.company")
    companies = kind.search([])
    if len(companies) > 1:
        raise Refused(f"the tenant has {len(companies)} companies, and a ledger is imported into one")
    company = companies[0] if companies else _new_company(title)
    if company.currency.code != _CURRENCY["code"]:
        raise Refused(f"the company keeps its books in {company.currency.code}, and the extract is in pounds")
    return company


def _new_company(title: str) -> Any:
    pool = Pool()
    currency = _find_or_create(
        "currency.currency", [("code", "=", "GBP")], {**_CURRENCY, "digits": 2, "rounding": Decimal("0.01")}
    )
    party = pool.get("party.party").create([{"name": title}])[0]
    company = pool.get("company.company").create([{"party": party.id, "currency": currency.id}])[0]
    user = pool.get("res.user")
    user.write([user(Transaction().user)], {"companies": [("add", [company.id])], "company": company.id})
    return company


def _accounts(company: Any, rows: list[list[str]]) -> dict[str, int]:
    """Return the ids of accounts by code; those that are missing are made."""
    kind = Pool().get("account.account")
    existing_accounts = {
        account.code: account for account in kind.search([("company", "=", company.id), ("code", "!=", None)])
    }
    for code, name, _ in rows:
        if code in existing_accounts and existing_accounts[code].name != name:
            raise Refused(
                f"the tenant's account {code} is {existing_accounts[code].name!r}, and the extract's {name!r}"
            )
    missing_rows = [account for account in rows if account[0] not in existing_accounts]
    types = {name: _type(company, name) for name in sorted({account[2] for account in missing_rows})}
    new_accounts = kind.create(
        [
            {"name": name, "code": code, "type": types[type_].id, "company": company.id}
            for code, name, type_ in missing_rows
        ]
    )
    return {account.code: account.id for account in (*existing_accounts.values(), *new_accounts)}


def _type(company: Any, name: str) -> Any:
    values = {**_TYPES[name], "company": company.id}
    return _find_or_create(
        "account.account.type", [("company", "=", company.id), ("name", "=", values["name"])], values
    )


def _periods(company: Any, rows: list[list[str]]) -> dict[str, int]:
    """Return the ids of periods by code; years and periods that are missing are made."""
    years: dict[str, list[list[str]]] = defaultdict(list)
    for period in rows:
        years[period[0]].append(period)
    ids_by_code = {}
    for name, periods in years.items():
        year = _year(company, name, min(period[2] for period in periods), max(period[3] for period in periods))
        for _, code, start, end, type_ in periods:
            ids_by_code[code] = _period(year, code, date.fromisoformat(start), date.fromisoformat(end), type_)
    return ids_by_code


def _year(company: Any, name: str, start: str, end: str) -> Any:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    clause = [("company", "=", company.id), ("start_date", "<=", first), ("end_date", ">=", last)]
    kind = Pool().get("account.fiscalyear")
    years = kind.search(clause, limit=1)
    if years:
        return years[0]
    sequence_type = Pool().get("ir.model.data").get_id("account", "sequence_type_account_move")
    sequence = (
        Pool()
        .get("ir.sequence.strict")
        .create([{"name": f"Postings {name}", "sequence_type": sequence_type, "company": company.id}])[0]
    )
    values = {"name": name, "start_date": first, "end_date": last, "company": company.id, "move_sequence": sequence.id}
    return kind.create([values])[0]


def _period(year: Any, code: str, start: date, end: date, type_: str) -> int:
    clause = [("fiscalyear", "=", year.id), ("start_date", "=", start), ("end_date", "=", end), ("type", "=", type_)]
    values = {"name": code, "start_date": start, "end_date": end, "fiscalyear": year.id, "type": type_}
    period = _find_or_create("account.period", clause, values)
    if period.name != code:
        raise Refused(f"the tenant's period from {start} to {end} is {period.name!r}, and the extract's {code!r}")
    return int(period.id)


def _journal(system: str) -> Any:
    values = {"name": f"From {system}", "code": JOURNAL, "type": "general"}
    return _find_or_create("account.journal", [("code", "=", JOURNAL)], values)


def _post(
    company: Any, journal: Any, accounts: dict[str, int], periods: dict[str, int], ledger: dict[str, Any]
) -> None:
    """Make and post every journal of the old system as one move, which bears its number."""
    kind = Pool().get("account.move")
    for batch in _batches(ledger["journals"]):
        moves = kind.create(
            [
                {
                    "company": company.id,
                    "journal": journal.id,
                    "period": periods[period],
                    "date": date.fromisoformat(day),
                    "description": f"{ledger['system']} {number}",
                    "lines": [("create", [_line(accounts, line) for line in lines])],
                }
                for number, day, period, lines in batch
            ]
        )
        kind.post(moves)


def _line(accounts: dict[str, int], line: list[str]) -> dict[str, Any]:
    account, description, debit, credit = line
    return {
        "account": accounts[account],
        "description": description,
        "debit": Decimal(debit),
        "credit": Decimal(credit),
    }


def _batches(journals: list[Any]) -> Iterator[list[Any]]:
    yield from (journals[start : start + _AT_ONCE] for start in range(0, len(journals), _AT_ONCE))
