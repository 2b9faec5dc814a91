"""How our documents stand in the company's receivables: invoices and credit memos changed since, in that order.

Each of the two lists is read page by page to its end, where it waits for the other; then the next poll begins. The
cursor says of each where it stands, whether that is the beginning of a poll, the middle or the end, and in the middle
from when on the next poll has to read again.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from shared.adapters.erp.business_central.company import Company, Row, filtered
from shared.adapters.erp.business_central.documents import CANCELED, NOT_IN_THE_LEDGER, SALES_DOCUMENTS, our_currency
from shared.adapters.erp.poll_cursor import BEGINNING, LATE_BY, may_lack_older
from shared.domain.money import Money, UnknownCurrencyError, currency
from shared.domain.posting.document import DocumentKind, is_external_ref
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import Settlement, SettlementPage, Settlements, SettlementStatus

_PAGE: Final = 200
_IDS_IN_A_FILTER: Final = 20  # web servers take no endless address
_KINDS: Final = (DocumentKind.INVOICE, DocumentKind.CREDIT_MEMO)
_CREDITS_NOTHING: Final = NOT_IN_THE_LEDGER | {CANCELED}


class _Stage(StrEnum):
    """How far a poll has come with a list."""

    BEGINS = ""
    GOES_ON = "goes-on"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class _Position:
    """Where a list goes on: at an instant of which `read` documents, a page or more, were read; `last` by its id.

    `again` is where the next poll begins, if a page of this one may have lacked what shows late.
    """

    since: datetime
    read: int = 0
    last: str = ""
    stage: _Stage = _Stage.BEGINS
    again: datetime | None = None

    @property
    def text(self) -> str:
        again = self.again.isoformat() if self.again else ""
        return "|".join((self.since.isoformat(), str(self.read), self.last, self.stage, again))


def settlement_page(company: Company, cursor: str, *, now: datetime) -> Settlements:
    settlements: list[Settlement] = []
    next_positions: list[_Position] = []
    try:
        for kind, position in zip(_KINDS, _positions(cursor), strict=True):
            changed = (position, []) if position.stage is _Stage.ENDED else _changed(company, kind, position)
            if isinstance(changed, LookupFailed):
                return changed
            begun, rows = changed
            ours = [row for row in rows if _is_ours(row)]
            credited = _credited(company, ours) if kind is DocumentKind.INVOICE else {}
            if isinstance(credited, LookupFailed):
                return credited
            settlements += [_settlement(company, row, kind, credited) for row in ours]
            next_positions.append(_next(begun, rows, now=now))
    except (KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError) as error:
        return LookupFailed(f"the documents cannot be read: {type(error).__name__}")
    complete = all(position.stage is _Stage.ENDED for position in next_positions)
    if complete:
        next_positions = [_Position(position.since) for position in next_positions]
    ordered = tuple(sorted(settlements, key=lambda one: one.changed_at))
    next_cursor = " ".join(position.text for position in next_positions)
    return SettlementPage(settlements=ordered, next_cursor=next_cursor, complete=complete)


def _positions(cursor: str) -> tuple[_Position, ...]:
    if "|" not in cursor:  # none yet, or one of a former form: what is told twice changes nothing
        return tuple(_Position(BEGINNING) for _ in _KINDS)
    return tuple(_position(part) for part in cursor.split(" "))


def _position(text: str) -> _Position:
    since, read, last, stage, again = text.split("|")
    again_from = datetime.fromisoformat(again) if again else None
    return _Position(datetime.fromisoformat(since), int(read), last, _Stage(stage), again_from)


def _changed(company: Company, kind: DocumentKind, position: _Position) -> tuple[_Position, list[Row]] | LookupFailed:
    """Return a page of a list, and where it begins: at its instant anew where the count of what was read is off.

    A document that has changed since has left the instant, and would have another one passed over in its place: the
    last one that was read must still be where it was.
    """
    condition = f"lastModifiedDateTime ge {position.since.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    again = 1 if position.read else 0
    rows = company.rows(
        filtered(
            SALES_DOCUMENTS[kind].collection,
            condition,
            orderby="lastModifiedDateTime,id",
            top=str(_PAGE + again),
            skip=str(position.read - again),
        )
    )
    if isinstance(rows, LookupFailed):
        return rows
    if again and (not rows or rows[0]["id"] != position.last):
        return _changed(company, kind, replace(position, read=0, last=""))
    return position, rows[again:]


def _next(position: _Position, rows: list[Row], *, now: datetime) -> _Position:
    """Return where the list goes on: after a full page at its newest instant, else a little before it.

    That instant is read again. Only a page of nothing else is counted and passed over, or the list would never go on.
    """
    if position.stage is _Stage.ENDED:
        return position
    newest = _changed_at(rows[-1]) if rows else position.since
    begin = newest - LATE_BY
    if position.stage is _Stage.BEGINS:  # amid the pages `since` is only how far the poll got
        begin = max(position.since, begin)
    if len(rows) == _PAGE:
        read = position.read + _PAGE if newest == position.since else 0
        again = position.again or (begin if may_lack_older(newest, now=now) else None)
        return _Position(newest, read, str(rows[-1]["id"]), _Stage.GOES_ON, again)
    return _Position(position.again or begin, stage=_Stage.ENDED)


def _is_ours(row: Row) -> bool:
    """Tell what is ours, and in the ledger."""
    return is_external_ref(str(row["externalDocumentNumber"])) and str(row["status"]).strip() not in NOT_IN_THE_LEDGER


def _credited(company: Company, invoices: Sequence[Row]) -> Mapping[str, Decimal] | LookupFailed:
    """Return what posted credit memos came to, by the ids of their invoices, of these that are not open in full."""
    stands = {str(row["id"]): _status(row, DocumentKind.INVOICE) for row in invoices}
    lowered = [one for one, status in stands.items() if status in {SettlementStatus.PARTLY_PAID, SettlementStatus.PAID}]
    credited: defaultdict[str, Decimal] = defaultdict(Decimal)
    for begin in range(0, len(lowered), _IDS_IN_A_FILTER):
        of_these = " or ".join(f"invoiceId eq {one}" for one in lowered[begin : begin + _IDS_IN_A_FILTER])
        memos = company.rows(filtered("salesCreditMemos", of_these))
        if isinstance(memos, LookupFailed):
            return memos
        for memo in memos:
            if str(memo["status"]).strip() not in _CREDITS_NOTHING:
                credited[str(memo["invoiceId"]).lower()] += Decimal(memo["totalAmountIncludingTax"])
    return credited


def _settlement(company: Company, row: Row, kind: DocumentKind, credited: Mapping[str, Decimal]) -> Settlement:
    unit = currency(our_currency(row["currencyCode"], company.entity))
    status, taken = _status(row, kind), credited.get(str(row["id"]).lower(), Decimal(0))
    if taken and status is SettlementStatus.PAID:
        status = SettlementStatus.CREDITED
    return Settlement(
        external_ref=str(row["externalDocumentNumber"]),
        kind=kind,
        erp_number=str(row["number"]),
        status=status,
        open_amount=Money(_left(row, kind), unit),
        changed_at=_changed_at(row),
        credited=Money(taken, unit),
    )


def _left(row: Row, kind: DocumentKind) -> Decimal:
    state = str(row["status"]).strip()
    if state == CANCELED:
        return Decimal(0)
    if kind is DocumentKind.INVOICE:
        return Decimal(row["remainingAmount"])
    return _gross(row) if state == "Open" else Decimal(0)  # of a credit memo it does not say how much is left


def _status(row: Row, kind: DocumentKind) -> SettlementStatus:
    if str(row["status"]).strip() == CANCELED:
        return SettlementStatus.VOIDED
    left = _left(row, kind)
    if left:
        return SettlementStatus.OPEN if left == _gross(row) else SettlementStatus.PARTLY_PAID
    return SettlementStatus.PAID


def _gross(row: Row) -> Decimal:
    return Decimal(row["totalAmountIncludingTax"])


def _changed_at(row: Row) -> datetime:
    return datetime.fromisoformat(row["lastModifiedDateTime"])
