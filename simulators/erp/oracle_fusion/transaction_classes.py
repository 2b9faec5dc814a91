"""Invoices and credit memos as two REST resources: alike but for their attributes' names and the sign of amounts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionClass:
    """Names as the resource has them. Amounts of a credit memo are negative."""

    kind: Literal["invoice", "credit_memo"]
    noun: str
    ledger_name: str
    collection: str
    lines: str
    tax_lines: str
    flexfields: str
    distributions: str
    currency: str
    status: str
    balance: str
    comments: str
    rate_date: str
    description: str
    quantity: str
    amount: str
    distribution_line: str
    sign: Decimal
    also_settable: frozenset[str]


INVOICE = TransactionClass(
    kind="invoice",
    noun="invoice",
    ledger_name="Invoice",
    collection="receivablesInvoices",
    lines="receivablesInvoiceLines",
    tax_lines="receivablesInvoiceLineTaxLines",
    flexfields="receivablesInvoiceLineTransactionDFF",
    distributions="receivablesInvoiceDistributions",
    currency="InvoiceCurrencyCode",
    status="InvoiceStatus",
    balance="InvoiceBalanceAmount",
    comments="Comments",
    rate_date="ConversionDate",
    description="Description",
    quantity="Quantity",
    amount="LineAmount",
    distribution_line="InvoiceLineNumber",
    sign=Decimal(1),
    also_settable=frozenset({"PaymentTerms", "DueDate", "BillingDate", "PurchaseOrder", "InternalNotes"}),
)
CREDIT_MEMO = TransactionClass(
    kind="credit_memo",
    noun="credit memo",
    ledger_name="Credit Memo",
    collection="receivablesCreditMemos",
    lines="receivablesCreditMemoLines",
    tax_lines="receivablesCreditMemoLineTaxLines",
    flexfields="receivablesCreditMemoLineTransactionDFF",
    distributions="receivablesCreditMemoDistributions",
    currency="CreditMemoCurrency",
    status="CreditMemoStatus",
    balance="TransactionBalanceDue",
    comments="CreditMemoComments",
    rate_date="ConversionRateDate",
    description="LineDescription",
    quantity="LineQuantityCredit",
    amount="LineAmountCredit",
    distribution_line="CreditMemoLineNumber",
    sign=Decimal(-1),
    also_settable=frozenset({"CreditReason"}),
)
CLASSES = (INVOICE, CREDIT_MEMO)
