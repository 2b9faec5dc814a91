"""The document of an issued invoice or credit note: all that its PDF and its electronic invoice say, and nothing else.

It is composed once and kept: whatever changes in master data later, the document does not. Names in brackets are the
business terms of EN 16931 that a field stands for.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.domain.currency_exchange.converted import Converted
from shared.domain.identifiers import (
    ContractId,
    CreditNoteNumber,
    CustomerId,
    InvoiceId,
    InvoiceNumber,
    LegalEntityId,
    TenantId,
)
from shared.domain.invoicing.credit_note import CreditPurpose, credit_note_id
from shared.domain.invoicing.revisions import FIRST_REVISION
from shared.domain.master_data.party import BankAccount, Contact, ElectronicAddress, PostalAddress
from shared.domain.master_data.payment_terms import PaymentTerms
from shared.domain.money import Money
from shared.domain.rating.rated_charge import RatedPart
from shared.domain.vat_category import VatCategory


@dataclass(frozen=True, slots=True)
class DocumentId:
    """What is sent: a revision of an invoice, or the credit of it that `request_id` names."""

    invoice_id: InvoiceId
    revision: int
    request_id: str = ""

    def __str__(self) -> str:
        """Return the id of the invoice, with its revision if it is not the first, or of the credit note."""
        if self.request_id:
            return credit_note_id(self.invoice_id, self.revision, self.request_id)
        return self.invoice_id if self.revision == FIRST_REVISION else f"{self.invoice_id}/r{self.revision}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentParty:
    """A seller (BG-4) or a buyer (BG-7).

    `tax_id` is printed as it is. `vat_id` is the same where it is a VAT id: one that starts with its country.
    """

    name: str  # BT-27, BT-44
    country: str  # BT-40, BT-55
    address: PostalAddress | None  # BG-5, BG-8
    tax_id: str
    vat_id: str  # BT-31, BT-48
    registration_number: str  # BT-30, BT-47
    electronic_address: ElectronicAddress | None  # BT-34, BT-49
    contact: Contact | None = None  # BG-6
    legal_note: str = ""  # BT-33


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicedQuantity:
    """A line's quantity and price so that quantity x price / base quantity is its amount, and no price is negative."""

    quantity: Decimal  # BT-129
    unit_code: str  # BT-130, UN/ECE Recommendation 20
    price: Decimal  # BT-146
    base_quantity: Decimal  # BT-149


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedCharge:
    """What was billed before of the charge and period that a line adjusts. `number` is the original's (BT-25)."""

    number: InvoiceNumber | None
    quantity: Decimal
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One line (BG-25). `quantity` in `unit` is what was rated; `invoiced` says the same in the terms of EN 16931."""

    line_no: int  # BT-126, from 1
    subscription: str  # BT-128; "" where it is of the whole contract
    plan: str  # the subscription's plan by name; "" where it has left the contract
    product_id: str  # BT-155
    description: str  # BT-153
    quantity: Decimal
    unit: str  # of its meter; "" for a fee
    price: str  # the charge model in words, BT-154
    parts: tuple[RatedPart, ...]
    invoiced: InvoicedQuantity
    amount: Money  # BT-131
    service_from: date  # BT-134, local day of the customer
    service_to: date  # BT-135, the last day that is in
    vat_category: VatCategory | None  # BT-151
    tax_rate: Decimal  # a fraction; BT-152 is in percent
    adjusts: AdjustedCharge | None
    contract: str = ""  # BT-127, of a line that another contract than the invoice's own has on it


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTax:
    """Tax of one code, rate and category. `category` is None where nobody has said why the rate is zero."""

    code: str
    category: VatCategory | None  # BT-118
    rate: Decimal  # a fraction; BT-119 is in percent
    base: Money  # BT-116
    amount: Money  # BT-117
    exemption_reason: str  # BT-120


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditedInvoice:
    """The invoice that a credit note takes something back of, why, and which request asked for it."""

    number: InvoiceNumber  # BT-25
    issue_date: date  # BT-26
    reason: str  # BT-22
    request_id: str
    purpose: CreditPurpose = CreditPurpose.GOODWILL


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """One issued invoice, or credit note, as it goes out. All amounts are in one currency (BT-5) and are its own.

    What a credit note takes back is positive on it. Its billing period is that of the invoice.
    """

    tenant: TenantId
    invoice_id: InvoiceId
    revision: int
    legal_entity_id: LegalEntityId
    customer_id: CustomerId  # the buyer
    contract_id: ContractId  # BT-12
    number: InvoiceNumber | CreditNoteNumber  # BT-1, BT-83
    issue_date: date  # BT-2
    due_date: date | None  # BT-9; None for a credit note, which nobody pays
    period_from: date  # BT-73
    period_to: date  # BT-74, the last day that is in
    seller: DocumentParty
    buyer: DocumentParty
    buyer_reference: str  # BT-10
    purchase_order: str  # BT-13
    bank_account: BankAccount | None  # BG-17
    lines: tuple[DocumentLine, ...]
    taxes: tuple[DocumentTax, ...]
    net: Money  # BT-106, BT-109
    tax: Money  # BT-110
    gross: Money  # BT-112, BT-115
    e_invoice: bool  # whether it goes out as an electronic invoice, too
    credits: CreditedInvoice | None = None  # of a credit note
    payment_terms: PaymentTerms | None = None  # BT-20
    converted: Converted | None = None  # into the currency of the seller's books, where that is another one

    @property
    def tax_in_books(self) -> Money | None:
        """The tax in the currency of the seller's books (BT-111), as EU sellers have to state it; None without tax."""
        return self.converted.tax if self.converted is not None and self.tax.amount else None

    @property
    def document_id(self) -> DocumentId:
        return DocumentId(self.invoice_id, self.revision, self.credits.request_id if self.credits else "")

    @property
    def preceding(self) -> tuple[InvoiceNumber, ...]:
        """The numbers of the invoices that lines of this one adjust (BG-3), each once."""
        numbers = (line.adjusts.number for line in self.lines if line.adjusts)
        return tuple(dict.fromkeys(number for number in numbers if number))
