"""A credit note: what is taken back of one issued invoice, line by line, at the tax rates the invoice had.

Amounts are positive where they credit; a line that lowered the invoice, such as a discount, is negative here too.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, TypeAlias

from shared.domain.currency_exchange.converted import Converted
from shared.domain.identifiers import (
    ContractId,
    CreditNoteId,
    CreditNoteNumber,
    CustomerId,
    InvoiceId,
    InvoiceNumber,
    LegalEntityId,
    ProductId,
    TenantId,
)
from shared.domain.invoicing.invoice import ApprovalDecision, InvoiceTax
from shared.domain.invoicing.standing import Standing
from shared.domain.money import Money
from shared.domain.time_period import Period
from shared.domain.vat_category import VatCategory


class CreditNoteState(StrEnum):
    """Whether an issued one is in the ERP, its posting says."""

    AWAITING_APPROVAL = "awaiting_approval"
    REJECTED = "rejected"
    REFUSED = "refused"  # approved, but what is left of the invoice had changed meanwhile
    ISSUED = "issued"


class CreditPurpose(StrEnum):
    """What a credit is to the settlement of usage."""

    GOODWILL = "goodwill"  # nothing: no later invoice looks at it
    CORRECTION = "correction"  # billed, negative: later invoices bill what usage comes to less what is left of it
    VOID = "void"  # it reverses the invoice in whole: neither is billed any more, and the period is billed anew


@dataclass(frozen=True, slots=True)
class WholeCredit:
    """Everything that is left of the invoice."""

    kind: Literal["whole"] = "whole"


@dataclass(frozen=True, slots=True)
class ShareCredit:
    """The same share of every line as it was invoiced: 0.25 is a quarter."""

    share: Decimal
    kind: Literal["share"] = "share"


@dataclass(frozen=True, slots=True)
class LineAmount:
    line_id: str
    amount: Money  # net


@dataclass(frozen=True, slots=True)
class LinesCredit:
    """These amounts of these lines."""

    amounts: tuple[LineAmount, ...]
    kind: Literal["lines"] = "lines"


Credit: TypeAlias = WholeCredit | ShareCredit | LinesCredit


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRequest:
    """Who wants what credited and why. `request_id` names it for ever: asked for twice, it is credited once.

    One that was worked out from several invoices `rests_on` how they stood: it is issued only as long as they still do.
    One that was `made_in_erp` by hand is recorded here, and never sent there.
    """

    request_id: str
    invoice_id: InvoiceId
    revision: int
    credit: Credit
    reason: str
    requested_by: str
    requested_at: datetime
    purpose: CreditPurpose = CreditPurpose.GOODWILL
    rests_on: tuple[Standing, ...] = ()
    made_in_erp: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditPreview:
    """What would come of a request; nothing is stored."""

    request: CreditRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLeftOver:
    """It is time (UTC) to credit what no invoice can take."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditDecision:
    """What an approver says to a request that waits."""

    invoice_id: InvoiceId
    revision: int
    request_id: str
    decision: ApprovalDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditedLine:
    """What is credited of the invoice line with the same `line_id`. `tax` is set where an engine taxed it by line."""

    line_id: str
    product_id: ProductId
    description: str
    amount: Money
    service_period: Period
    tax_code: str
    tax_rate: Decimal
    vat_category: VatCategory | None
    tax: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """The figures of one credit note. Each sum is a sum of rounded parts."""

    lines: tuple[CreditedLine, ...]
    taxes: tuple[InvoiceTax, ...]
    net: Money
    tax: Money
    gross: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote:
    """One credit of one invoice. Number and date are set at issue; `invoice_number` is what the customer looks for."""

    tenant: TenantId
    request: CreditRequest
    state: CreditNoteState
    invoice_number: InvoiceNumber
    customer_id: CustomerId
    contract_id: ContractId
    legal_entity_id: LegalEntityId
    credited: Credited
    number: CreditNoteNumber | None = None
    credit_note_date: date | None = None
    approval: ApprovalDecision | None = None
    converted: Converted | None = None  # at the rate of the invoice

    @property
    def credit_note_id(self) -> CreditNoteId:
        return credit_note_id(self.request.invoice_id, self.request.revision, self.request.request_id)


def credit_note_id(invoice_id: InvoiceId, revision: int, request_id: str) -> CreditNoteId:
    """Name the credit note by the invoice and its request, so that a repeat finds the first one."""
    return CreditNoteId(f"{invoice_id}/r{revision}/credit/{request_id}")


def credited_by(credit_note: CreditNoteId) -> tuple[InvoiceId, int, str]:
    """Return what a credit note is named by: the invoice, its revision and the request."""
    invoice, _, request_id = credit_note.rpartition("/credit/")
    invoice_id, _, revision = invoice.rpartition("/r")
    return InvoiceId(invoice_id), int(revision), request_id
