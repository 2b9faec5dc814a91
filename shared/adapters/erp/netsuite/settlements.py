"""How our documents stand in NetSuite's receivables: those changed since, by SuiteQL, in the order of their change.

Instants of SuiteQL are those of the integration's user, whose time zone has to be GMT. Amounts of credit memos have a
sign that ours do not have.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from shared.adapters.erp.netsuite.queries import Row, Unread, all_rows, rows, text
from shared.adapters.erp.poll_cursor import PollCursor
from shared.adapters.erp.session import ErpSession
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Money, UnknownCurrencyError, currency
from shared.domain.posting.document import DocumentKind, is_external_ref
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import Settlement, SettlementPage, Settlements, SettlementStatus

_PAGE: Final = 1_000  # the most that NetSuite shows, and that a list of a query may name
_FORM: Final = "YYYY-MM-DD HH24:MI:SS"
_KINDS: Final = {"CustInvc": DocumentKind.INVOICE, "CustCred": DocumentKind.CREDIT_MEMO}
_COLUMNS: Final = (
    "t.id, t.type, t.externalid, t.tranid, t.currency, t.voided, t.foreigntotal, t.foreignamountunpaid,"
    f" t.foreignpaymentamountunused, TO_CHAR(t.lastmodifieddate, '{_FORM}') AS changed"
)


def settlement_page(session: ErpSession, entity: LegalEntity, cursor: str, *, now: datetime) -> Settlements:
    at = PollCursor.read(cursor)
    found = rows(session, _query(entity, at), limit=_PAGE)
    if isinstance(found, Unread):
        return found.failed
    try:
        # Other integrations have keys too, and may write in currencies that our mapping does not name.
        ours = [row for row in found if is_external_ref(str(row["externalid"]))]
        lowered = [str(row["id"]) for row in ours if row["type"] == "CustInvc" and _left(row) != _gross(row)]
        credited = _credited(session, lowered)
        if isinstance(credited, Unread):
            return credited.failed
        settlements = tuple(_settlement(row, entity, credited) for row in ours)
        newest = _changed_at(found[-1]) if found else at.since
        is_last = len(found) < _PAGE
        next_cursor = at.next_poll(newest) if is_last else at.behind(newest, int(found[-1]["id"]), now=now)
    except (KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError) as error:
        return LookupFailed(f"the transactions cannot be read: {type(error).__name__}")
    return SettlementPage(settlements=settlements, next_cursor=str(next_cursor), complete=is_last)


def _query(entity: LegalEntity, at: PollCursor) -> str:
    instant = f"TO_DATE('{at.since:%Y-%m-%d %H:%M:%S}', '{_FORM}')"
    later = f"t.lastmodifieddate >= {instant}"
    if at.after is not None:
        later = f"(t.lastmodifieddate > {instant} OR (t.lastmodifieddate = {instant} AND t.id > {at.after}))"
    return (
        f"SELECT {_COLUMNS} FROM transaction t"  # noqa: S608 - our words, a date, a number and a quoted key
        " JOIN transactionline l ON l.transaction = t.id AND l.mainline = 'T'"
        f" WHERE l.subsidiary = {text(entity.erp.company)} AND t.type IN ('CustInvc', 'CustCred')"
        f" AND t.externalid IS NOT NULL AND {later} ORDER BY t.lastmodifieddate, t.id"
    )


def _credited(session: ErpSession, invoices: Sequence[str]) -> Mapping[str, Decimal] | Unread:
    """Return what credit memos took of these, by the invoices' ids.

    A memo that was made from an invoice is linked to it once more, by its lines: only what is applied counts.
    """
    if not invoices:
        return {}
    found = all_rows(
        session,
        "SELECT previousdoc, nextdoc, foreignamount FROM previoustransactionlinelink"  # noqa: S608 - quoted
        " WHERE linktype = 'Payment' AND nexttype = 'CustCred'"
        f" AND previousdoc IN ({', '.join(text(one) for one in invoices)}) ORDER BY previousdoc, nextdoc",
    )
    if isinstance(found, Unread):
        return found
    credited: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in found:
        credited[str(row["previousdoc"])] += abs(Decimal(row["foreignamount"]))
    return credited


def _settlement(row: Row, entity: LegalEntity, credited: Mapping[str, Decimal]) -> Settlement:
    codes = {theirs: ours for ours, theirs in entity.erp.currencies.items()}
    unit = currency(codes[str(row["currency"])])
    left = Decimal(0) if row.get("voided") == "T" else _left(row)
    taken = credited.get(str(row["id"]), Decimal(0))
    return Settlement(
        external_ref=str(row["externalid"]),
        kind=_KINDS[row["type"]],
        erp_number=str(row["tranid"]),
        status=_status(row, left, is_credited=bool(taken)),
        open_amount=Money(left, unit),
        changed_at=_changed_at(row),
        credited=Money(taken, unit),
    )


def _status(row: Row, left: Decimal, *, is_credited: bool) -> SettlementStatus:
    if row.get("voided") == "T":
        return SettlementStatus.VOIDED
    if left:
        return SettlementStatus.OPEN if left == _gross(row) else SettlementStatus.PARTLY_PAID
    return SettlementStatus.CREDITED if is_credited else SettlementStatus.PAID


def _changed_at(row: Row) -> datetime:
    return datetime.strptime(row["changed"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def _gross(row: Row) -> Decimal:
    return abs(Decimal(row["foreigntotal"]))


def _left(row: Row) -> Decimal:
    """Return what is unpaid of an invoice, or not applied of a credit memo."""
    if row["type"] == "CustInvc":
        return Decimal(row.get("foreignamountunpaid", 0))
    return abs(Decimal(row.get("foreignpaymentamountunused", 0)))
