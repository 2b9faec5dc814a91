"""What our invoices and credit notes are owed: customer transactions that are open, or were closed of late.

The ERP tells no time of a change, and a payment is closed on its own date, which may be weeks before somebody enters
it. The first pass of a day states everything anew that is open or was closed since a month before that of the last day
began. The passes after it leave out what nobody has paid anything of and what was closed long ago: they state what is
new, what is partly settled, and what was closed since two weeks before the last one began.

A cursor is SINCE;KEY;STARTED;WHOLE;NEWEST: since when what was closed is stated, the last transaction that was read,
the day on which the pass began, the day of the last one that states everything, and the last transaction that one of
the passes before has read, 0 in one that states everything.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from shared.adapters.erp.dynamics_finance.data_service import DataService, Row, literal
from shared.adapters.erp.dynamics_finance.dates import at_midnight
from shared.adapters.erp.dynamics_finance.free_text_invoices import HEADERS
from shared.adapters.erp.dynamics_finance.settings import Settings
from shared.domain.money import Money, UnknownCurrencyError, currency
from shared.domain.posting.document import DocumentKind, is_external_ref
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import NotSupported, Settlement, SettlementPage, Settlements, SettlementStatus

PAGE: Final = 200  # with dozens of calls about it: all of them have to fit into one run
_NUMBERS_IN_A_FILTER: Final = 10  # web servers take no endless address
_READ: Final = ("SourceKey", "Invoice", "CurrencyCode", "AmountCur", "SettleAmountCur")
_ENTERED_LATE: Final = timedelta(days=31)
_ENTERED_SOON: Final = timedelta(days=14)  # into the month before, while that is being closed
_NO_DATE: Final = date(1900, 1, 1)
_FIRST_CLOSED: Final = at_midnight(_NO_DATE + timedelta(days=1))
_SALES: Final = "TransType eq Microsoft.Dynamics.DataEntities.LedgerTransType'Sales'"


@dataclass(frozen=True, slots=True)
class _Cursor:
    since: date
    key: int
    started: date
    whole: date
    newest: int

    def __str__(self) -> str:
        return ";".join(map(str, (self.since, self.key, self.started, self.whole, self.newest)))

    @property
    def condition(self) -> str:
        is_open, closed_since = f"Closed lt {_FIRST_CLOSED}", f"Closed ge {at_midnight(self.since)}"
        if self.newest:
            is_open = f"({is_open} and SettleAmountCur ne 0) or SourceKey gt {self.newest}"
        return f"{_SALES} and SourceKey gt {self.key} and ({is_open} or {closed_since})"


def settlements(data: DataService, cursor: str, settings: Settings, *, today: date) -> Settlements:
    if not settings.transactions_entity:
        return NotSupported("name the setting transactions_entity, or read the customers' transactions in the ERP")
    try:
        at = _read(cursor, today)
    except ValueError:
        return LookupFailed(f"no cursor of settlements: {cursor}")
    rows = data.company_rows(settings.transactions_entity, at.condition, fields=_READ, order="SourceKey", top=PAGE)
    if isinstance(rows, LookupFailed):
        return rows
    try:
        return _page(data, rows, at, settings)
    except (KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError) as error:
        return LookupFailed(f"the transactions cannot be read: {type(error).__name__}")


def _read(cursor: str, today: date) -> _Cursor:
    parts = cursor.split(";")
    if not cursor or len(parts) == len(("SINCE", "KEY", "STARTED")):  # none yet, or one of the former form
        return _Cursor(_NO_DATE, 0, today, today, 0)
    since, key, started, whole, newest = parts
    at = _Cursor(
        date.fromisoformat(since), int(key), date.fromisoformat(started), date.fromisoformat(whole), int(newest)
    )
    if at.key:
        return at
    if today > at.whole:
        return _Cursor(at.whole - _ENTERED_LATE, 0, today, today, 0)
    return replace(at, since=at.started - _ENTERED_SOON, started=today)


def _page(data: DataService, rows: Sequence[Row], at: _Cursor, settings: Settings) -> Settlements:
    headers = _headers(data, [str(row["Invoice"]) for row in rows], settings)
    if isinstance(headers, LookupFailed):
        return headers
    # What persons write in the ERP may be in a currency that only it knows: it is passed over before it is read.
    by_number = {
        str(header["FreeTextNumber"]): header
        for header in headers
        if is_external_ref(str(header[settings.reference_field]))
    }
    credited = _credited(data, headers, settings)
    if isinstance(credited, LookupFailed):
        return credited
    read_on = datetime.combine(at.started, time(), UTC)
    found = tuple(
        _settlement(row, by_number[number], settings, credited=credited.get(number, Decimal(0)), read_on=read_on)
        for row in rows
        if (number := str(row["Invoice"])) in by_number
    )
    last = int(rows[-1]["SourceKey"]) if rows else at.key
    if len(rows) == PAGE:
        return SettlementPage(settlements=found, next_cursor=str(replace(at, key=last)), complete=False)
    begin = replace(at, key=0, newest=max(at.newest, last))
    return SettlementPage(settlements=found, next_cursor=str(begin), complete=True)


def _headers(data: DataService, numbers: Sequence[str], settings: Settings) -> list[Row] | LookupFailed:
    """Return the invoices of these numbers, and those that correct them."""
    read = ("FreeTextNumber", "CorrectedInvoiceId", "IsPosted", settings.reference_field)
    headers: list[Row] = []
    for some in _in_filters(numbers):
        quoted = [literal(number) for number in some]
        wanted = " or ".join(f"FreeTextNumber eq {one} or CorrectedInvoiceId eq {one}" for one in quoted)
        rows = data.company_rows(HEADERS, wanted, fields=read)
        if isinstance(rows, LookupFailed):
            return rows
        headers += rows
    return headers


def _credited(data: DataService, headers: Sequence[Row], settings: Settings) -> Mapping[str, Decimal] | LookupFailed:
    """Return what posted credit notes have settled, by the numbers of the invoices that they correct."""
    corrected = {
        str(header["FreeTextNumber"]): str(header["CorrectedInvoiceId"])
        for header in headers
        if header["CorrectedInvoiceId"] and header["IsPosted"] == "Yes"
    }
    credited: defaultdict[str, Decimal] = defaultdict(Decimal)
    for some in _in_filters(sorted(corrected)):
        which = " or ".join(f"Invoice eq {literal(number)}" for number in some)
        rows = data.company_rows(settings.transactions_entity, f"{_SALES} and ({which})", fields=_READ)
        if isinstance(rows, LookupFailed):
            return rows
        for row in rows:
            credited[corrected[str(row["Invoice"])]] += abs(Decimal(row["SettleAmountCur"]))
    return credited


def _in_filters(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(numbers), _NUMBERS_IN_A_FILTER):
        yield numbers[begin : begin + _NUMBERS_IN_A_FILTER]


def _settlement(row: Row, header: Row, settings: Settings, *, credited: Decimal, read_on: datetime) -> Settlement:
    amount, settled = Decimal(row["AmountCur"]), Decimal(row["SettleAmountCur"])
    unit = currency(row["CurrencyCode"])
    return Settlement(
        external_ref=str(header[settings.reference_field]),
        kind=DocumentKind.CREDIT_MEMO if amount < 0 else DocumentKind.INVOICE,
        erp_number=str(row["Invoice"]),
        status=_status(amount, settled, credited=bool(credited)),
        open_amount=Money((settled - amount) if amount < 0 else (amount - settled), unit),
        changed_at=read_on,
        credited=Money(credited, unit),
    )


def _status(amount: Decimal, settled: Decimal, *, credited: bool) -> SettlementStatus:
    if not settled:
        return SettlementStatus.OPEN
    if settled != amount:
        return SettlementStatus.PARTLY_PAID
    return SettlementStatus.CREDITED if credited else SettlementStatus.PAID
