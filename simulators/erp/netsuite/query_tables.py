"""The tables that SuiteQL can read here."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from simulators.erp.netsuite.books import AccountBooks, Record
from simulators.erp.netsuite.suiteql import Row


def tables_of(books: AccountBooks) -> Mapping[str, Callable[[], Sequence[Row]]]:
    return {
        "accountingperiod": lambda: _periods(books),
        "customer": lambda: [_customer(record) for record in books.customers.all()],
        "transaction": lambda: [
            *(_transaction(record, "CustInvc") for record in books.invoices.all()),
            *(_transaction(record, "CustCred") for record in books.credit_memos.all()),
        ],
        "invoice": lambda: [_transaction(record, "CustInvc") for record in books.invoices.all()],
    }


def _periods(books: AccountBooks) -> list[Row]:
    return [
        {
            "id": period.period_id,
            "periodname": period.name,
            "startdate": period.start,
            "enddate": period.end,
            "closed": _flag(period.closed),
            "arlocked": _flag(period.closed or period.ar_locked),
            "alllocked": _flag(period.closed),
            "isposting": _flag(period.is_base),
            "isquarter": _flag(period.is_quarter),
            "isyear": _flag(period.is_year),
            "isadjust": "F",
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
        "subsidiary": record["subsidiary"]["id"],
        "currency": record["currency"]["id"],
    }


def _transaction(record: Record, of_type: str) -> Row:
    return {
        "id": record["id"],
        "type": of_type,
        "externalid": record["externalId"],
        "tranid": record["tranId"],
        "trandate": date.fromisoformat(record["tranDate"]),
        "entity": record["entity"]["id"],
        "currency": record["currency"]["id"],
        "postingperiod": record["postingPeriod"]["id"],
        "foreigntotal": record["total"],
    }


def _flag(value: bool) -> str:  # noqa: FBT001 - the one thing it turns into a letter
    return "T" if value else "F"
