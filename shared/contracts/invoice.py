"""Invoices as they are stored, and the small messages between the steps of invoice_lifecycle.

Decimals are written as text with every digit they have; reading gives back the very same value.
"""

import zlib
from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from shared.domain.identifiers import ContractId, CustomerId, InvoiceId, TenantId
from shared.domain.invoicing.approval import ApprovalRequest
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId
from shared.domain.invoicing.invoice import ApprovalDecision
from shared.domain.posting.intent import IntentState
from shared.domain.time_period import BillingPeriod, parse_instant
from shared.ports.invoices import StoredInvoice

_STORED = TypeAdapter(StoredInvoice)
_REQUEST = TypeAdapter(ApprovalRequest)


def pack_stored_invoice(stored: StoredInvoice) -> bytes:
    # One attribute: emulators and transactions pay per attribute, and nothing is ever queried inside an invoice.
    return zlib.compress(_STORED.dump_json(stored))


def unpack_stored_invoice(body: bytes) -> StoredInvoice:
    """Return the stored invoice; raises pydantic's ValidationError for anything this project has not written."""
    return _STORED.validate_json(zlib.decompress(body))


def dump_approval_request(request: ApprovalRequest) -> str:
    return _REQUEST.dump_json(request).decode()


def read_approval_request(text: str) -> ApprovalRequest:
    return _REQUEST.validate_json(text)


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BillingPeriodMessage(_Message):
    name: str
    start: AwareDatetime
    end: AwareDatetime

    def to_domain(self) -> BillingPeriod:
        return BillingPeriod(self.name, parse_instant(self.start.isoformat()), parse_instant(self.end.isoformat()))


class InvoiceLifecycleInput(_Message):
    """What an execution of invoice_lifecycle is started with."""

    tenant: TenantId
    invoice_id: InvoiceId
    revision: int
    customer_id: CustomerId
    contract_id: ContractId
    billing_period: BillingPeriodMessage
    bill_run_id: BillRunId
    as_of: AwareDatetime

    def account(self) -> BillingAccount:
        return BillingAccount(
            customer_id=self.customer_id,
            contract_id=self.contract_id,
            billing_period=self.billing_period.to_domain(),
            revision=self.revision,
        )

    def instant(self) -> datetime:
        """Return `as_of` in UTC."""
        return self.as_of.astimezone(UTC)


class InvoiceStep(_Message):
    """Input of a step that needs to know which invoice, and nothing else."""

    invoice_id: InvoiceId
    revision: int


class ApprovalStep(InvoiceStep):
    task_token: str = Field(min_length=1, repr=False)


class PostingResult(_Message):
    """How the posting settled, as post_to_erp, the relay or the resolver tell the waiting execution."""

    state: IntentState
    erp_number: str = ""
    accounting_period: str = ""
    reason: str = ""


class CompletionStep(InvoiceStep):
    posting: PostingResult


class ApprovalDecisionMessage(_Message):
    """A message on approval-decisions."""

    tenant: TenantId
    invoice_id: InvoiceId
    revision: int
    approved: bool
    decided_by: str = Field(min_length=1)
    decided_at: AwareDatetime
    reason: str = ""

    def to_domain(self) -> ApprovalDecision:
        return ApprovalDecision(
            approved=self.approved,
            decided_by=self.decided_by,
            decided_at=parse_instant(self.decided_at.isoformat()),
            reason=self.reason,
        )


def read_approval_decision(body: str, *, tenant: TenantId) -> ApprovalDecisionMessage:
    """Read a message of the queue; raise ValueError for anything else, another tenant's decision included."""
    message = ApprovalDecisionMessage.model_validate_json(body)
    if message.tenant != tenant:
        raise ValueError(f"a decision of tenant {message.tenant} came to {tenant}")
    return message
