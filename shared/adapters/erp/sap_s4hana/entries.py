"""Posted entries as the item cube shows them: rows of one document each, read back as our documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Final

from shared.adapters.erp.sap_s4hana.journal_entry import DOCUMENT_TYPES
from shared.adapters.erp.sap_s4hana.odata import PAGE, Row, Unread, read_day, read_page, read_rows, text
from shared.adapters.erp.sap_s4hana.session import SapSession
from shared.domain.money import Money, UnknownCurrencyError, currency, exact_sum
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.doubles import without_reversed
from shared.domain.posting.outcome import ErpRef, LookupFailed, PostedDocument

CUBE: Final = "API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"
_KEY = ("AccountingDocument", "FiscalYear", "AccountingDocumentItem")
_FIELDS = (
    *_KEY,
    "AccountingDocumentType",
    "AccountingDocumentItemType",
    "FinancialAccountType",
    "Customer",
    "DebitCreditCode",
    "DocumentReferenceID",
    "AccountingDocumentHeaderText",
    "IsReversed",
    "PostingDate",
    "TransactionCurrency",
    "AmountInTransactionCurrency",
)
_TAX_ITEM, _CUSTOMERS, _DEBIT = "T", "D", "S"
_PARTS_OF_A_REF = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as our document, and SAP's number of the customer in it, "" in one without."""

    document: PostedDocument
    debtor: str
    is_reversed: bool


def entries_with_key(
    session: SapSession, company: str, key: str, kind: DocumentKind
) -> list[PostedDocument] | LookupFailed:
    """Return every entry of a kind that carries our key in either reference, and counts.

    A reversal carries it too: it is none, nor is what it has reversed, beside an entry that stands.
    """
    conditions = (
        f"CompanyCode eq {text(company)}",
        f"AccountingDocumentType eq {text(DOCUMENT_TYPES[kind])}",
        "IsReversal eq false",
        f"(DocumentReferenceID eq {text(key)} or OriginalReferenceDocument eq {text(key)})",
    )
    rows = read_rows(session, CUBE, where=" and ".join(conditions), fields=_FIELDS, by=_KEY)
    found = rows if isinstance(rows, LookupFailed) else _entries(company, rows, kind)
    if isinstance(found, LookupFailed):
        return found
    counting = without_reversed(
        found, is_posted=lambda one: one.document.posted, is_reversed=lambda one: one.is_reversed
    )
    return [one.document for one in counting]


def entry(session: SapSession, ref: ErpRef, kind: DocumentKind) -> Entry | Unread | LookupFailed | None:
    """Return one entry by SAP's own key of it; None where there is none."""
    parts = ref.value.split("/")
    if len(parts) != _PARTS_OF_A_REF:
        return None
    company, number, year = parts
    where = f"CompanyCode eq {text(company)} and AccountingDocument eq {text(number)} and FiscalYear eq {text(year)}"
    rows = read_page(session, CUBE, where=where, fields=_FIELDS, by=_KEY, top=PAGE)  # an entry has 999 items at most
    if isinstance(rows, Unread):
        return rows
    found = _entries(company, rows, kind)
    return found if isinstance(found, LookupFailed) else next(iter(found), None)


def _entries(company: str, rows: Sequence[Row], kind: DocumentKind) -> list[Entry] | LookupFailed:
    try:
        grouped = [[*each] for _, each in groupby(rows, key=lambda row: (row["AccountingDocument"], row["FiscalYear"]))]
        return [Entry(_as_document(company, items, kind), _debtor(items), _is_reversed(items)) for items in grouped]
    except (KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError) as error:
        return LookupFailed(f"an entry cannot be read: {type(error).__name__}")


def _debtor(items: Sequence[Row]) -> str:
    return next((str(item["Customer"] or "") for item in items if item["FinancialAccountType"] == _CUSTOMERS), "")


def _is_reversed(items: Sequence[Row]) -> bool:
    return items[0]["IsReversed"] is True


def _as_document(company: str, items: Sequence[Row], kind: DocumentKind) -> PostedDocument:
    first = items[0]
    unit = currency(str(first["TransactionCurrency"]))
    gross, tax = _totals(items, kind)
    number, year = str(first["AccountingDocument"]), str(first["FiscalYear"])
    return PostedDocument(
        ref=ErpRef(f"{company}/{number}/{year}"),
        external_ref=str(first["DocumentReferenceID"]),
        number=number,
        posted=True,
        accounting_period=read_day(first["PostingDate"]).strftime("%Y-%m"),
        net=Money(gross - tax, unit),
        tax=Money(tax, unit),
        gross=Money(gross, unit),
        human_number=None if kind is DocumentKind.JOURNAL else str(first["AccountingDocumentHeaderText"]) or None,
    )


def _totals(items: Sequence[Row], kind: DocumentKind) -> tuple[Decimal, Decimal]:
    """Return gross and tax. Of a journal that is the sum of its debits, and no tax."""
    if kind is DocumentKind.JOURNAL:
        return exact_sum(amount for amount in map(signed, items) if amount > 0), Decimal(0)
    sign = -1 if kind is DocumentKind.CREDIT_MEMO else 1
    gross = exact_sum(signed(item) for item in items if item["FinancialAccountType"] == _CUSTOMERS)
    tax = exact_sum(signed(item) for item in items if item["AccountingDocumentItemType"] == _TAX_ITEM)
    return gross * sign, tax * -sign


def signed(item: Mapping[str, object]) -> Decimal:
    """Return an item's amount, a debit positive, whether or not SAP has a sign of its own on it."""
    amount = abs(Decimal(str(item["AmountInTransactionCurrency"])))
    return amount if item["DebitCreditCode"] == _DEBIT else -amount
