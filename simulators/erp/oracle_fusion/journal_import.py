"""The job Import Journals: takes every row of a group, all or nothing, and makes one batch for each batch name.

Nothing in it knows a file that came twice: rows that lie in the interface twice are one journal with twice the amounts,
and a group that comes again is one more batch. The codes of refusals are those of the execution report; ESIM... are of
this simulator's making.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from simulators.erp.general_ledger import Entry, EntryLine, journal_line
from simulators.erp.oracle_fusion import periods
from simulators.erp.oracle_fusion.accounts import InvalidCombinationError, natural_account
from simulators.erp.oracle_fusion.books import UnitBooks
from simulators.erp.oracle_fusion.query import Entity
from simulators.http.faults import Fault

SEGMENTS = tuple(f"SEGMENT{number}" for number in range(1, 31))


class ImportFailedError(ValueError):
    """The group is not imported; its rows stay in the interface."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What a run of the job is asked to import; "ALL" takes everybody's rows."""

    group_id: str
    request_id: int


def import_group(books: UnitBooks, group: Group, *, fault: Fault | None = None) -> None:
    """Raise ImportFailedError with the code that the execution report has."""
    rows = [row for row in books.interface if group.group_id in {"ALL", row["GROUP_ID"]}]
    if not rows:
        raise ImportFailedError("ESIM1", "there are no rows with this group")
    if fault in {Fault.IMPORT_FAILED, Fault.IMPORT_WARNING}:
        raise ImportFailedError("EF04", "these segment values are not a valid account")
    for row in rows:
        _check_ledger_and_source(books, row)
    names = list(dict.fromkeys(row["REFERENCE1"] for row in rows))
    batches = [
        _batch(
            books,
            group,
            name,
            [row for row in rows if row["REFERENCE1"] == name],
            period_closed=fault is Fault.CLOSED_PERIOD,
        )
        for name in names
    ]
    books.interface = [row for row in books.interface if row not in rows]
    for batch in batches:
        books.batches[batch["JeBatchId"]] = batch


def _check_ledger_and_source(books: UnitBooks, row: Entity) -> None:
    known = (str(books.ledger_id), books.options.journal_source, books.options.journal_category)
    if (row["LEDGER_ID"], row["USER_JE_SOURCE_NAME"], row["USER_JE_CATEGORY_NAME"]) != known:
        raise ImportFailedError("ESIM2", "no such ledger, journal source or journal category")


def post_batches(books: UnitBooks) -> None:
    """Bring every imported batch into the ledger, as AutoPost or a person does."""
    for batch in books.batches.values():
        if batch["Status"] == "U":
            books.ledger.post(batch["_entry"])
            batch["Status"] = "P"
            batch["PostedDate"] = books.now().date().isoformat()
            books.changed(batch)


def _batch(books: UnitBooks, group: Group, name: str, rows: list[Entity], *, period_closed: bool) -> Entity:
    dated = _posting_date(books, rows, period_closed=period_closed)
    currency = _one(rows, "CURRENCY_CODE", code="EC08")
    if currency not in books.currencies:
        raise ImportFailedError("EC08", f"the currency {currency} is invalid")
    if currency != books.setup.local_currency and not rows[0]["USER_CURRENCY_CONVERSION_TYPE"]:
        raise ImportFailedError("EC03", "a conversion rate type is required for a foreign currency")
    debits, credited = (_total(rows, column) for column in ("ENTERED_DR", "ENTERED_CR"))
    if debits != credited:
        raise ImportFailedError("EU02", f"the journal is unbalanced: {debits} and {credited}")
    source = rows[0]["USER_JE_SOURCE_NAME"]
    batch: Entity = {
        "JeBatchId": books.numbers.next(),
        "BatchName": f"{name} {source} A {group.group_id} {group.request_id} N".strip(),
        "BatchDescription": rows[0]["REFERENCE2"] or None,
        "Status": "U",
        "DefaultPeriodName": periods.period_name(dated),
        "UserJeSourceName": source,
        "ActualFlagMeaning": "Actual",
        "RequestId": group.request_id,
        "RunningTotalDr": debits,
        "RunningTotalCr": credited,
        "PostedDate": None,
        "CreationDate": books.timestamp(),
        "_journalHeaders": [_header(books, rows, dated, currency)],
        "_reference": name,
    }
    books.changed(batch)
    return batch | {"_entry": _entry(books, rows, batch, dated=dated, currency=currency)}


def _header(books: UnitBooks, rows: list[Entity], dated: date, currency: str) -> Entity:
    return {
        "JeHeaderId": books.numbers.next(),
        "JournalName": rows[0]["REFERENCE4"] or rows[0]["USER_JE_CATEGORY_NAME"],
        "JournalDescription": rows[0]["REFERENCE5"] or None,
        "Period": periods.period_name(dated),
        "AccountingDate": dated.isoformat(),
        "CurrencyCode": currency,
        "ConversionRate": _number(rows[0]["CURRENCY_CONVERSION_RATE"] or "1"),
    }


def _posting_date(books: UnitBooks, rows: list[Entity], *, period_closed: bool) -> date:
    text = _one(rows, "ACCOUNTING_DATE", code="EP01")
    try:
        dated = datetime.strptime(text, "%Y/%m/%d").date()  # noqa: DTZ007 - a date has no zone
    except ValueError as error:
        raise ImportFailedError("ESIM3", f"the accounting date {text} is invalid") from error
    if period_closed or not periods.takes(books, periods.GENERAL_LEDGER, dated):
        raise ImportFailedError("EP01", "this date is not in any open or future enterable period")
    named = rows[0]["PERIOD_NAME"]
    if named and named != periods.period_name(dated):
        raise ImportFailedError("EP05", f"the date is not in the period {named}")
    return dated


def _entry(books: UnitBooks, rows: list[Entity], batch: Entity, *, dated: date, currency: str) -> Entry:
    return Entry(
        company=books.setup.company,
        posting_date=dated,
        document_number=str(batch["JeBatchId"]),
        external_ref=batch["_reference"],
        customer="",
        currency=currency,
        lines=tuple(_side(books, row) for row in rows),
        document_type="Journal",
    )


def _side(books: UnitBooks, row: Entity) -> EntryLine:
    segments = [row[name] for name in SEGMENTS]
    while len(segments) > 1 and not segments[-1]:
        segments.pop()
    try:
        account = natural_account(books, segments)
    except InvalidCombinationError as error:
        raise ImportFailedError("EF04", f"these segment values are not a valid account: {error}") from error
    amount = _number(row["ENTERED_DR"] or "0") - _number(row["ENTERED_CR"] or "0")
    return journal_line(books.setup, account=account, amount=amount)


def _total(rows: list[Entity], column: str) -> Decimal:
    return sum((_number(row[column] or "0") for row in rows), start=Decimal(0))


def _one(rows: list[Entity], column: str, *, code: str) -> str:
    values = {row[column] for row in rows}
    if len(values) != 1:
        raise ImportFailedError(code, f"a batch has one {column} here, not {len(values)}")
    return str(values.pop())


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ImportFailedError("ESIM4", f"{text} is no number") from error
