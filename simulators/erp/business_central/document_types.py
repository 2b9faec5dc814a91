"""The two kinds of sales documents: alike but for their names, their dates and the side they are booked on."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentType:
    """Names as the API has them. `also_settable` is what the other kind does not know."""

    kind: Literal["invoice", "credit_memo"]
    noun: str
    ledger_name: str
    collection: str
    entity: str
    lines: str
    line_entity: str
    date: str
    draft_prefix: str
    posted_prefix: str
    also_settable: frozenset[str]
    remaining: str  # what is left of it, which a credit memo does not show


INVOICE = DocumentType(
    kind="invoice",
    noun="sales invoice",
    ledger_name="Invoice",
    collection="salesInvoices",
    entity="Microsoft.NAV.salesInvoice",
    lines="salesInvoiceLines",
    line_entity="Microsoft.NAV.salesInvoiceLine",
    date="invoiceDate",
    draft_prefix="S-INV",
    posted_prefix="PS-INV",
    also_settable=frozenset({"customerPurchaseOrderReference"}),
    remaining="remainingAmount",
)
CREDIT_MEMO = DocumentType(
    kind="credit_memo",
    noun="sales credit memo",
    ledger_name="Credit Memo",
    collection="salesCreditMemos",
    entity="Microsoft.NAV.salesCreditMemo",
    lines="salesCreditMemoLines",
    line_entity="Microsoft.NAV.salesCreditMemoLine",
    date="creditMemoDate",
    draft_prefix="S-CR",
    posted_prefix="PS-CR",
    also_settable=frozenset({"invoiceId"}),
    remaining="_remaining",
)
DOCUMENT_TYPES = (INVOICE, CREDIT_MEMO)
