"""The tables that SuiteQL can read here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final

from simulators.erp.netsuite.books import AccountBooks, Record
from simulators.erp.netsuite.reference_records import REFERENCE_COLUMNS, reference_rows
from simulators.erp.netsuite.suiteql import Row, Table

PERIOD: Final = (
    "id periodname startdate enddate closed arlocked alllocked isposting isquarter isyear isadjust isinactive"
)
CUSTOMER: Final = "id externalid entityid companyname email vatregnumber subsidiary currency isinactive"
TRANSACTION: Final = (
    "id type externalid tranid trandate entity currency postingperiod status foreigntotal foreignamountunpaid"
    " foreignpaymentamountunused voided memo lastmodifieddate"
)
LETTERS: Final[Mapping[str, str]] = {"Pending": "D", "Open": "A", "Paid In Full": "B", "Voided": "V"}


def tables_of(books: AccountBooks) -> Mapping[str, Table]:
    return {
        "accountingperiod": _table(PERIOD, lambda: _periods(books), dates=("startdate", "enddate")),
        "customer": _table(CUSTOMER, lambda: [_customer(record) for record in books.customers.all()]),
        "transaction": _table(
            TRANSACTION,
            lambda: [_transaction(record, of_type) for record, of_type in _all(books)],
            dates=("trandate", "lastmodifieddate"),
            numbers=("id",),
        ),
        "transactionline": _table(
            "transaction id mainline subsidiary",
            lambda: [_main_line(record) for record, _ in _all(books)],
            numbers=("transaction",),
        ),
        "previoustransactionlinelink": _table(
            "previousdoc nextdoc nexttype linktype foreignamount",
            lambda: _links(books),
            numbers=("previousdoc", "nextdoc"),
        ),
        **{name: _table(text, partial(reference_rows, books, name)) for name, text in REFERENCE_COLUMNS.items()},
    }


def _table(
    columns: str, rows: Callable[[], Sequence[Row]], *, dates: tuple[str, ...] = (), numbers: tuple[str, ...] = ()
) -> Table:
    return Table(columns=tuple(columns.split()), rows=rows, dates=frozenset(dates), numbers=frozenset(numbers))


def _all(books: AccountBooks) -> Iterator[tuple[Record, str]]:
    stores = (
        (books.invoices, "CustInvc"),
        (books.credit_memos, "CustCred"),
        (books.payments, "CustPymt"),
        (books.journals, "Journal"),
    )
    for store, of_type in stores:
        yield from ((record, of_type) for record in store.all() if record["externalId"] not in books.uncommitted)


def _periods(books: AccountBooks) -> list[Row]:
    return [
        {
            "id": period.period_id,
            "periodname": period.name,
            "startdate": period.start,
            "enddate": period.end,
            "closed": _flag(period.closed),
            "arlocked": _flag(period.locks_receivables),
            "alllocked": _flag(period.locks_all),
            "isposting": _flag(period.is_base),
            "isquarter": _flag(period.is_quarter),
            "isyear": _flag(period.is_year),
            "isadjust": _flag(period.is_adjustment),
            "isinactive": "F",
        }
        for period in books.periods.values()
    ]


def _customer(record: Record) -> Row:
    return {
        "id": record["id"],
        "externalid": record["externalId"],
        "entityid": record["entityId"],
        "companyname": record["companyName"],
        "email": record["email"],
        "vatregnumber": record["vatRegNumber"],
        "subsidiary": record["subsidiary"]["id"],
        "currency": record["currency"]["id"],
        "isinactive": _flag(record["isInactive"]),
    }


def _transaction(record: Record, of_type: str) -> Row:
    """Return the row of a transaction; what it does not have is null. A credit memo's amounts are negative."""
    sign = -1 if of_type == "CustCred" else 1
    status = record.get("status", {"id": ""})["id"]
    return {
        "id": record["id"],
        "type": of_type,
        "externalid": record["externalId"],
        "tranid": record["tranId"],
        "trandate": date.fromisoformat(record["tranDate"]),
        "entity": record["entity"]["id"] if "entity" in record else None,
        "currency": record["currency"]["id"],
        "postingperiod": record["postingPeriod"]["id"],
        "status": LETTERS.get(status, status),
        "foreigntotal": sign * (record["total"] if "total" in record else record["_total"]),
        "foreignamountunpaid": record.get("amountRemaining"),
        "foreignpaymentamountunused": record.get("unapplied"),
        "voided": _flag(status == "Voided"),
        "memo": record["memo"],
        "lastmodifieddate": record["_changed_at"],
    }


def _main_line(record: Record) -> Row:
    return {"transaction": record["id"], "id": "0", "mainline": "T", "subsidiary": record["subsidiary"]["id"]}


def _links(books: AccountBooks) -> list[Row]:
    types = {record["id"]: of_type for record, of_type in _all(books)}
    return [
        {"previousdoc": invoice, "nextdoc": by, "nexttype": types[by], "linktype": "Payment", "foreignamount": amount}
        for invoice, by, amount in books.links
        if by in types
    ]


def _flag(value: bool) -> str:  # noqa: FBT001 - the one thing it turns into a letter
    return "T" if value else "F"
