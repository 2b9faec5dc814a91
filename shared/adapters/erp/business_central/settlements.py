"""How our documents stand in the company's receivables: invoices and credit memos changed since, in that order.

Each of the two lists goes on by itself: the cursor has an instant for each, and how many of that instant were read.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from shared.adapters.erp.business_central.company import Company, Row, filtered
from shared.adapters.erp.business_central.documents import NOT_IN_THE_LEDGER, SALES_DOCUMENTS, our_currency
from shared.domain.money import Money, UnknownCurrencyError, currency
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import Settlement, SettlementPage, Settlements, SettlementStatus

_PAGE: Final = 50
_OVERLAP: Final = timedelta(minutes=5)  # a document may show later than the instant of its change
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OUR_KEY: Final = re.compile(r"[A-Z2-7]{16}")
_KINDS: Final = (DocumentKind.INVOICE, DocumentKind.CREDIT_MEMO)


@dataclass(frozen=True, slots=True)
class _Position:
    since: datetime
    read: int = 0

    @property
    def text(self) -> str:
        return f"{self.since.isoformat()}+{self.read}"


def settlement_page(company: Company, cursor: str) -> Settlements:
    settlements: list[Settlement] = []
    next_positions: list[_Position] = []
    complete = True
    try:
        for kind, position in zip(_KINDS, _positions(cursor), strict=True):
            rows = _changed(company, kind, position)
            if isinstance(rows, LookupFailed):
                return rows
            for row in rows:
                settlement = _settlement(company, row, kind)
                if isinstance(settlement, LookupFailed):
                    return settlement
                settlements += [settlement] if settlement else []
            complete = complete and len(rows) < _PAGE
            next_positions.append(_next(position, rows))
    except (KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError) as error:
        return LookupFailed(f"the documents cannot be read: {type(error).__name__}")
    ordered = tuple(sorted(settlements, key=lambda one: one.changed_at))
    next_cursor = " ".join(position.text for position in next_positions)
    return SettlementPage(settlements=ordered, next_cursor=next_cursor, complete=complete)


def _positions(cursor: str) -> tuple[_Position, ...]:
    if not cursor:
        return tuple(_Position(_BEGINNING) for _ in _KINDS)
    parts = (part.rpartition("+") for part in cursor.split(" "))
    return tuple(_Position(datetime.fromisoformat(since), int(read)) for since, _, read in parts)


def _changed(company: Company, kind: DocumentKind, position: _Position) -> list[Row] | LookupFailed:
    condition = f"lastModifiedDateTime ge {position.since.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    return company.rows(
        filtered(
            SALES_DOCUMENTS[kind].collection,
            condition,
            orderby="lastModifiedDateTime,id",
            top=str(_PAGE),
            skip=str(position.read),
        )
    )


def _next(position: _Position, rows: list[Row]) -> _Position:
    """Return where the list goes on: after a full page behind what was read, else a little before its newest."""
    if not rows:
        return _Position(position.since)
    newest = _changed_at(rows[-1])
    if len(rows) == _PAGE:
        of_newest = sum(_changed_at(row) == newest for row in rows)
        return _Position(newest, of_newest + (position.read if newest == position.since else 0))
    return _Position(max(position.since, newest - _OVERLAP))


def _settlement(company: Company, row: Row, kind: DocumentKind) -> Settlement | LookupFailed | None:
    """Return how a document stands; None for what is not ours, and for what the ledger does not have."""
    state = str(row["status"]).strip()
    if not _OUR_KEY.fullmatch(str(row["externalDocumentNumber"])) or state in NOT_IN_THE_LEDGER:
        return None
    gross = Decimal(row["totalAmountIncludingTax"])
    left = _left(row, kind, state, gross)
    status = _status(state, gross=gross, left=left)
    if status is SettlementStatus.PAID and kind is DocumentKind.INVOICE:
        memos = company.rows(filtered("salesCreditMemos", f"invoiceId eq {row['id']}", top="1"))
        if isinstance(memos, LookupFailed):
            return memos
        status = SettlementStatus.CREDITED if memos else status
    return Settlement(
        external_ref=str(row["externalDocumentNumber"]),
        kind=kind,
        erp_number=str(row["number"]),
        status=status,
        open_amount=Money(left, currency(our_currency(row["currencyCode"], company.entity))),
        changed_at=_changed_at(row),
    )


def _left(row: Row, kind: DocumentKind, state: str, gross: Decimal) -> Decimal:
    if state == "Canceled":
        return Decimal(0)
    if kind is DocumentKind.INVOICE:
        return Decimal(row["remainingAmount"])
    return gross if state == "Open" else Decimal(0)  # of a credit memo it does not say how much is left


def _status(state: str, *, gross: Decimal, left: Decimal) -> SettlementStatus:
    if state == "Canceled":
        return SettlementStatus.VOIDED
    if left:
        return SettlementStatus.OPEN if left == gross else SettlementStatus.PARTLY_PAID
    return SettlementStatus.PAID


def _changed_at(row: Row) -> datetime:
    return datetime.fromisoformat(row["lastModifiedDateTime"])
