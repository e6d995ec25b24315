"""Tryton on one database of the tenant's, inside the job: its models loaded, one transaction as the administrator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from tenant.wanted import Refused
from trytond.exceptions import UserError
from trytond.model import ModelSQL
from trytond.pool import Pool
from trytond.transaction import Transaction, TransactionError

Returned = TypeVar("Returned")
_OWN = ("ir.", "res.")
"""Models of Tryton's kernel: sessions, caches and the like, which nobody would miss."""


def work(database: str, action: Callable[[Any], Returned]) -> Returned:
    """Run an action in a transaction of the user `admin` on a database, and return what it returns.

    What it does not commit is undone. Tryton wants some locks taken first of all: then it is begun anew with them, as
    trytond's own dispatcher does. Raises `Refused` when the tenant has no ledger, and for what Tryton itself refuses.
    """
    user = _administrator(database)
    locks: dict[str, Any] = {}
    while True:
        try:
            with Transaction().start(database, user, context={"language": "en"}, **locks) as transaction:
                if "account.move" not in {name for name, _ in Pool().iterobject()}:
                    raise Refused("the tenant has no ledger: enable the module finance")
                try:
                    return action(transaction)
                finally:
                    transaction.rollback()  # at its end Tryton would commit what was not
        except TransactionError as error:
            error.fix(locks)
        except UserError as error:
            raise Refused(f"Tryton refuses: {' '.join(str(part) for part in error.args if part)}") from error


def load(database: str) -> None:
    """Load Tryton's models as the modules of a database make them; needed before any work on it."""
    Pool.start()
    Pool(database).init()


def changed(since: datetime, but_at: datetime) -> list[Any]:
    """Return the domain of what was made or changed after a moment, but not in the transaction begun at another."""
    return [
        "OR",
        *([(field, ">", since), (field, "!=", but_at)] for field in ("create_date", "write_date")),
    ]


def counted(clause: list[Any]) -> dict[str, int]:
    """Return how many records of each model fit a domain; models with none are left out."""
    counts_by_model = {}
    for name, kind in Pool().iterobject():
        if not name.startswith(_OWN) and issubclass(kind, ModelSQL) and not callable(kind.table_query):
            counts_by_model[name] = kind.search(clause, count=True)
    return {name: count for name, count in sorted(counts_by_model.items()) if count}


def _administrator(database: str) -> int:
    with Transaction().start(database, 0, readonly=True):
        [admin] = Pool().get("res.user").search([("login", "=", "admin")])
        return int(admin.id)
