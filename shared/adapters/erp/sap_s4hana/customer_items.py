"""Items of customers as the item cube shows them, and what is told of those that carry a key of ours."""

from datetime import UTC, date, datetime, time
from decimal import InvalidOperation
from typing import Final

from shared.adapters.erp.sap_s4hana.odata import Row, text
from shared.domain.money import Money, UnknownCurrencyError
from shared.domain.posting.document import DocumentKind, is_external_ref
from shared.domain.posting.readings import Settlement, SettlementStatus

DOCUMENT: Final = ("AccountingDocument", "FiscalYear", "AccountingDocumentItem")
FIELDS: Final = (
    *DOCUMENT,
    "AccountingDocumentType",
    "DocumentReferenceID",
    "DebitCreditCode",
    "TransactionCurrency",
    "AmountInTransactionCurrency",
)
UNREADABLE: Final = (KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError)


def customer_items_of(company: str) -> str:
    return f"CompanyCode eq {text(company)} and FinancialAccountType eq 'D'"


def is_ours(row: Row) -> bool:
    """Whether the document carries a key as we write them; of any other nothing else is to be read.

    Others book in currencies that we do not know: old ones, migrated ones, and SAP's own with five decimals.
    """
    return is_external_ref(str(row["DocumentReferenceID"]))


def settlement(
    row: Row,
    kind: DocumentKind,
    status: SettlementStatus,
    open_amount: Money,
    changed_on: date,
    *,
    credited: Money | None,
) -> Settlement:
    return Settlement(
        external_ref=str(row["DocumentReferenceID"]),
        kind=kind,
        erp_number=str(row["AccountingDocument"]),
        status=status,
        open_amount=open_amount,
        changed_at=datetime.combine(changed_on, time(), UTC),
        credited=credited,
    )
