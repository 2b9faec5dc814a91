"""What Fusion calls things on an invoice and on a credit memo."""

from dataclasses import dataclass
from typing import Final

from shared.domain.posting.document import DocumentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionNames:
    """The attributes of one of the two resources."""

    resource: str
    lines: str
    tax_lines: str
    flexfield: str
    distributions: str
    distribution_line: str
    currency: str
    status: str
    balance: str
    comments: str
    rate_date: str
    description: str
    quantity: str
    amount: str
    type_setting: str

    @property
    def with_amounts(self) -> str:
        """What to expand so that net and tax can be read."""
        return f"{self.lines},{self.lines}.{self.tax_lines}"


TRANSACTIONS: Final = {
    DocumentKind.INVOICE: TransactionNames(
        resource="receivablesInvoices",
        lines="receivablesInvoiceLines",
        tax_lines="receivablesInvoiceLineTaxLines",
        flexfield="receivablesInvoiceLineTransactionDFF",
        distributions="receivablesInvoiceDistributions",
        distribution_line="InvoiceLineNumber",
        currency="InvoiceCurrencyCode",
        status="InvoiceStatus",
        balance="InvoiceBalanceAmount",
        comments="Comments",
        rate_date="ConversionDate",
        description="Description",
        quantity="Quantity",
        amount="LineAmount",
        type_setting="invoice_type",
    ),
    DocumentKind.CREDIT_MEMO: TransactionNames(
        resource="receivablesCreditMemos",
        lines="receivablesCreditMemoLines",
        tax_lines="receivablesCreditMemoLineTaxLines",
        flexfield="receivablesCreditMemoLineTransactionDFF",
        distributions="receivablesCreditMemoDistributions",
        distribution_line="CreditMemoLineNumber",
        currency="CreditMemoCurrency",
        status="CreditMemoStatus",
        balance="TransactionBalanceDue",
        comments="CreditMemoComments",
        rate_date="ConversionRateDate",
        description="LineDescription",
        quantity="LineQuantityCredit",
        amount="LineAmountCredit",
        type_setting="credit_memo_type",
    ),
}
