"""An invoice and its lines: what one contract owes for one billing period, with the arithmetic kept."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from shared.domain.currency_exchange.converted import Converted
from shared.domain.identifiers import (
    CatalogVersion,
    ChargeId,
    ContractId,
    CreditNoteId,
    CustomerId,
    InvoiceId,
    InvoiceNumber,
    LegalEntityId,
    MeterCode,
    ProductId,
    SubscriptionId,
    TenantId,
)
from shared.domain.invoicing.standing import Standing, as_first_read
from shared.domain.issue import Issue
from shared.domain.master_data.payment_terms import PaymentTerms
from shared.domain.metering.reading import UsageManifest
from shared.domain.money import Money
from shared.domain.rating.adjustments.lines import Applied
from shared.domain.rating.priced_dimensions import line_name
from shared.domain.rating.rated_charge import RatedPart
from shared.domain.time_period import BillingPeriod, Period
from shared.domain.usage.event import Dimensions
from shared.domain.vat_category import VatCategory

__all__ = [
    "AdjustedPeriod",
    "Adjustment",
    "ApprovalDecision",
    "Invoice",
    "InvoiceLine",
    "InvoiceRevision",
    "InvoiceState",
    "InvoiceTax",
    "MemberBill",
    "RatedPart",
    "invoice_id",
    "period_of",
]


class InvoiceState(StrEnum):
    DRAFT = "draft"
    NOTHING_TO_BILL = "nothing_to_bill"
    INVALID = "invalid"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    ISSUED = "issued"
    POSTED = "posted"
    POSTING_FAILED = "posting_failed"
    CONSOLIDATED = "consolidated"  # its lines are on the issued invoice of its lead contract
    VOIDING = "voiding"  # a credit note reverses it in whole, and is not posted yet
    VOIDED = "voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What a line adjusts: one of an earlier billing period, with all that invoices have billed for it so far."""

    invoice_id: InvoiceId  # the earlier period's own invoice
    invoice_number: InvoiceNumber | None  # None: it had nothing to bill
    quantity: Decimal
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One charge of one service period, or what a price adjustment makes of it or of the whole contract (`applied`).

    `amount` is rounded once, here; `precise_amount` is the sum of the parts. A line of a price adjustment is one part,
    whose label says how it comes to its amount; one of the whole contract has no subscription and no charge.

    Of a line that adjusts, the parts rate the whole final usage of its service period; its quantity and amount (the
    rounded sum of the parts) are what that comes to beyond what was billed before. They may be negative.

    `tax_code` is empty until tax was calculated, and stays so where no rate was found. `tax` is what the tax engine
    rounded for the line, None where tax is rounded per rate of the invoice.

    `contract_id` is that of the member contract whose line it is; None on the contract's own invoice.
    """

    line_id: str  # stable: its name, and the billing period that it adjusts
    subscription_id: SubscriptionId | None
    charge_id: ChargeId | None
    product_id: ProductId
    description: str
    meter: MeterCode | None
    quantity: Decimal
    price: str  # the charge model or the price adjustment it was rated by, in words
    parts: tuple[RatedPart, ...]
    precise_amount: Decimal
    amount: Money
    service_period: Period
    tax_category: str
    tax_code: str = ""
    tax_rate: Decimal | None = None
    vat_category: VatCategory | None = None
    tax: Money | None = None
    adjusts: Adjustment | None = None
    applied: Applied | None = None
    priced_by: Dimensions = ()  # the values that the price is for, where it depends on dimensions
    contract_id: ContractId | None = None

    @property
    def name(self) -> str:
        """What it is within its billing period. All lines of one name and billing period make one amount."""
        return self.applied.name if self.applied else line_name(self.subscription_id, self.charge_id, self.priced_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedPeriod:
    """An earlier billing period of the contract, by its own invoice, whose usage was read again for this one.

    `was_kept_back`: an exception tells that earlier invoices could not take it; this one ends that. `documents` are
    the invoices that had billed it then, as they stood, and `credited` their corrections that this one takes into
    account first.
    """

    invoice_id: InvoiceId
    manifest: UsageManifest
    was_kept_back: bool
    documents: tuple[Standing, ...] = ()
    credited: tuple[CreditNoteId, ...] = ()


@dataclass(frozen=True, slots=True)
class PeriodAdjustment:
    """What one invoice takes of an earlier period. Without lines the new usage changes nothing that is billed."""

    adjusted: AdjustedPeriod
    lines: tuple[InvoiceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberBill:
    """The bill of a member contract for the same billing period, in the very version whose lines an invoice has.

    What the bill rests on, the invoice does; it has seen so many voids of its own contract.
    """

    invoice_id: InvoiceId
    customer_id: CustomerId
    contract_id: ContractId
    revision: int
    version: int
    rests_on: tuple[Standing, ...] = ()
    voids_known: int = 0


@dataclass(frozen=True, slots=True)
class InvoiceRevision:
    invoice_id: InvoiceId
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceTax:
    """Tax of one code, rate and category on one invoice: base is the sum of its lines.

    The amount is base x rate, rounded once, or the sum of what the tax engine rounded line by line.
    """

    code: str
    rate: Decimal
    base: Money
    amount: Money
    vat_category: VatCategory | None = None
    exemption_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecision:
    approved: bool
    decided_by: str
    decided_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided:
    """What reverses an invoice in whole, and the how manieth invoice of its contract it is that was voided."""

    number: int
    by: CreditNoteId


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """One contract, one billing period, one revision. `net`, `tax`, `gross` are sums of rounded parts.

    `number` and `invoice_date` are set at issue and never change after; nor does `converted`, what it comes to in the
    books of the legal entity, where these are in another currency. `manifest` and `catalog_version` say what it was
    rated from, `adjusted` which earlier periods were rated again for it, `left_over` what it could not take of others
    because no invoice asks for less than nothing. `set_right` is the invoice before, as it stood, where this one
    changes fees that were billed in advance. `prepared_by` is the bill run; whoever prepares does not approve.
    `customer_id` is whose contract it is, `bill_to` who gets and owes it, where that is another customer.

    Contracts may share an invoice: that of the lead has the lines of all, and its `members` are the bills of the
    others. Such a bill is an invoice as well, but nobody is sent it: it keeps what was rated, without tax, and names
    the invoice that it is `consolidated_on`.
    """

    tenant: TenantId
    invoice_id: InvoiceId
    revision: int
    state: InvoiceState
    customer_id: CustomerId
    contract_id: ContractId
    legal_entity_id: LegalEntityId
    billing_period: BillingPeriod
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[InvoiceTax, ...]
    net: Money
    tax: Money
    gross: Money
    manifest: UsageManifest
    catalog_version: CatalogVersion
    prepared_by: str
    adjusted: tuple[AdjustedPeriod, ...] = ()
    left_over: tuple[PeriodAdjustment, ...] = ()
    set_right: tuple[Standing, ...] = ()
    issues: tuple[Issue, ...] = ()
    number: InvoiceNumber | None = None
    invoice_date: date | None = None
    due_date: date | None = None
    payment_terms: PaymentTerms | None = None
    approval: ApprovalDecision | None = None
    bill_to: CustomerId | None = None
    voids_known: int = 0
    voided: Voided | None = None
    converted: Converted | None = None
    members: tuple[MemberBill, ...] = ()
    consolidated_on: InvoiceRevision | None = None

    @property
    def buyer_id(self) -> CustomerId:
        """Return who gets and owes it."""
        return self.bill_to or self.customer_id

    @property
    def rests_on(self) -> tuple[Standing, ...]:
        """Return the invoices whose lines it adjusts, as they stood: it is issued only if they still do."""
        own = (one for period in self.adjusted for one in period.documents)
        of_members = (one for member in self.members for one in member.rests_on)
        return as_first_read((*own, *self.set_right, *of_members))

    @property
    def own_lines(self) -> tuple[InvoiceLine, ...]:
        """Return the lines of its own contract: those of members are on their own bills, too."""
        return tuple(line for line in self.lines if line.contract_id is None)

    def id_on_invoice(self, line: InvoiceLine) -> str:
        """Return the id of one of its lines on the invoice that is sent, where another contract may have the same."""
        return line.line_id if self.consolidated_on is None else f"{self.contract_id}|{line.line_id}"


def period_of(line: InvoiceLine, on: Invoice) -> InvoiceId:
    """Return which billing period a line on an invoice is of, by the own invoice of the period and its contract."""
    if line.adjusts is not None:
        return line.adjusts.invoice_id
    return on.invoice_id if line.contract_id is None else invoice_id(line.contract_id, on.billing_period)


def invoice_id(contract_id: ContractId, billing_period: BillingPeriod) -> InvoiceId:
    """Name the invoice by its business key, so that a second bill run finds the first one's invoice."""
    return InvoiceId(f"{contract_id}/{billing_period.name}")
