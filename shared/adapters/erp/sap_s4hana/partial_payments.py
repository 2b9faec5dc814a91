"""Open invoices of ours with partial payments beside them: the cube shows both open, and tells of no change.

That a payment was taken back shows by nothing but what is left of the others. So what is told is of the day before it
is read, where the payments are older: of the day that it may still be in SAP's time zone, for a clearing that is
entered after this must not be the older of the two.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from shared.adapters.erp.sap_s4hana.customer_items import (
    DOCUMENT,
    FIELDS,
    UNREADABLE,
    customer_items_of,
    is_ours,
    settlement,
)
from shared.adapters.erp.sap_s4hana.entries import CUBE, signed
from shared.adapters.erp.sap_s4hana.journal_entry import DOCUMENT_TYPES
from shared.adapters.erp.sap_s4hana.odata import Row, any_of, read_day, read_rows, text
from shared.adapters.erp.sap_s4hana.session import SapSession
from shared.domain.money import Money, currency, exact_sum
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.readings import Settlement, SettlementStatus

_INVOICE: Final = DOCUMENT_TYPES[DocumentKind.INVOICE]
_CREDIT_MEMO: Final = DOCUMENT_TYPES[DocumentKind.CREDIT_MEMO]
_AT_ONCE = 20  # documents asked for in one filter
_PAYS_FOR = ("InvoiceReference", "InvoiceReferenceFiscalYear")


def partly_paid(session: SapSession, company: str, *, today: date) -> list[Settlement] | LookupFailed:
    """Return all invoices of ours that are paid in part now."""
    where = f"{customer_items_of(company)} and IsCleared eq false and InvoiceReference ne ''"
    fields = (*FIELDS, *_PAYS_FOR, "AccountingDocumentCreationDate")
    payments = read_rows(session, CUBE, where=where, fields=fields, by=DOCUMENT)
    if isinstance(payments, LookupFailed):
        return payments
    beside: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for payment in payments:
        beside[str(payment["InvoiceReference"]), str(payment["InvoiceReferenceFiscalYear"])].append(payment)
    numbers = sorted({number for number, _ in beside})
    found: list[Settlement] = []
    for start in range(0, len(numbers), _AT_ONCE):
        invoices = _open_invoices(session, company, numbers[start : start + _AT_ONCE])
        if isinstance(invoices, LookupFailed):
            return invoices
        try:
            found += _less(invoices, beside, still_so_on=today - timedelta(days=1))
        except UNREADABLE as error:
            return LookupFailed(f"an item cannot be read: {type(error).__name__}")
    return found


def _open_invoices(session: SapSession, company: str, numbers: Sequence[str]) -> list[Row] | LookupFailed:
    conditions = (
        customer_items_of(company),
        f"AccountingDocumentType eq {text(_INVOICE)}",
        "IsCleared eq false",
        any_of("AccountingDocument", numbers),
    )
    return read_rows(session, CUBE, where=" and ".join(conditions), fields=FIELDS, by=DOCUMENT)


def _less(
    invoices: Sequence[Row], beside: Mapping[tuple[str, str], Sequence[Row]], *, still_so_on: date
) -> Iterator[Settlement]:
    """Yield what is left of the invoices.

    A payment in another currency takes nothing off: SAP converts it only when somebody clears the two, at a rate that
    nobody knows before. An invoice that has no other beside it stands as it stood.
    """
    for invoice in filter(is_ours, invoices):
        code = invoice["TransactionCurrency"]
        all_beside = beside.get((str(invoice["AccountingDocument"]), str(invoice["FiscalYear"])), ())
        payments = [payment for payment in all_beside if payment["TransactionCurrency"] == code]
        if payments:
            left = signed(invoice) + exact_sum(signed(payment) for payment in payments)
            entered = (read_day(payment["AccountingDocumentCreationDate"]) for payment in payments)
            changed = max(still_so_on, *entered)
            memos = [payment for payment in payments if payment["AccountingDocumentType"] == _CREDIT_MEMO]
            yield settlement(
                invoice,
                DocumentKind.INVOICE,
                SettlementStatus.PARTLY_PAID,
                Money(left, currency(str(code))),
                changed,
                credited=Money(-exact_sum(signed(memo) for memo in memos), currency(str(code))),
            )
