"""Credit notes as they are stored, and what people ask for: a credit, a look at it, or an approver's decision.

Decimals are written as text with every digit they have; reading gives back the very same value.
"""

import zlib
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.credit_note import (
    Credit,
    CreditDecision,
    CreditLeftOver,
    CreditNote,
    CreditPreview,
    CreditPurpose,
    CreditRequest,
    LineAmount,
    LinesCredit,
    ShareCredit,
    WholeCredit,
)
from shared.domain.invoicing.invoice import ApprovalDecision
from shared.domain.money import Money, currency
from shared.domain.time_period import parse_instant
from shared.ports.credit_notes import StoredCreditNote

_STORED = TypeAdapter(StoredCreditNote)
MAX_LINES = 1_000

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
RequestId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]


def pack_stored_credit_note(stored: StoredCreditNote) -> bytes:
    return zlib.compress(_STORED.dump_json(stored))


def unpack_stored_credit_note(body: bytes) -> StoredCreditNote:
    """Return the stored credit note; raises pydantic's ValidationError for anything this project has not written."""
    return _STORED.validate_json(zlib.decompress(body))


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AmountOfLine(_Model):
    line_id: Name
    amount: Decimal = Field(allow_inf_nan=False, max_digits=30)


class RequestedCredit(_Model):
    """One of the three: a share, amounts of lines in `currency`, or by default all that is left."""

    share: Decimal | None = Field(default=None, allow_inf_nan=False, max_digits=30)
    lines: tuple[AmountOfLine, ...] = Field(default=(), max_length=MAX_LINES)
    currency: str = ""

    @model_validator(mode="after")
    def _is_one_of_them(self) -> "RequestedCredit":
        if self.share is not None and self.lines:
            raise ValueError("a credit is by share or by lines, not both")
        if self.lines:
            currency(self.currency)
        return self

    def to_domain(self) -> Credit:
        if self.share is not None:
            return ShareCredit(self.share)
        if not self.lines:
            return WholeCredit()
        unit = currency(self.currency)
        return LinesCredit(tuple(LineAmount(line.line_id, Money(line.amount, unit)) for line in self.lines))


class CreditNoteRequested(_Model):
    """With `preview` nothing is stored: the answer says what would come of it.

    A credit is goodwill unless it says that it corrects: only a correction is settled with usage. One that was made in
    the ERP by hand is recorded, and nothing is sent of it.
    """

    request_id: RequestId
    invoice_id: InvoiceId
    revision: int = Field(default=1, ge=1)
    credit: RequestedCredit = RequestedCredit()
    purpose: CreditPurpose = CreditPurpose.GOODWILL
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    requested_by: Name
    requested_at: AwareDatetime
    preview: bool = False
    made_in_erp: bool = False

    def to_domain(self) -> CreditRequest | CreditPreview:
        request = CreditRequest(
            request_id=self.request_id,
            invoice_id=self.invoice_id,
            revision=self.revision,
            credit=self.credit.to_domain(),
            reason=self.reason,
            requested_by=self.requested_by,
            requested_at=parse_instant(self.requested_at.isoformat()),
            purpose=self.purpose,
            made_in_erp=self.made_in_erp,
        )
        return CreditPreview(request=request) if self.preview else request


class CreditNoteDecided(_Model):
    """What an approver says to a credit that waits."""

    request_id: RequestId
    invoice_id: InvoiceId
    revision: int = Field(default=1, ge=1)
    approved: bool
    decided_by: Name
    decided_at: AwareDatetime
    reason: str = Field(default="", max_length=500)

    def to_domain(self) -> CreditDecision:
        decision = ApprovalDecision(
            approved=self.approved,
            decided_by=self.decided_by,
            decided_at=parse_instant(self.decided_at.isoformat()),
            reason=self.reason,
        )
        return CreditDecision(
            invoice_id=self.invoice_id, revision=self.revision, request_id=self.request_id, decision=decision
        )


class CreditNoteEvent(_Model):
    """The input of issue_credit_note: one of the three. A `time` is the schedule's."""

    request: CreditNoteRequested | None = None
    decision: CreditNoteDecided | None = None
    time: AwareDatetime | None = None

    @model_validator(mode="after")
    def _is_one_of_them(self) -> "CreditNoteEvent":
        if sum(one is not None for one in (self.request, self.decision, self.time)) != 1:
            raise ValueError("an event has a request, a decision or a time")
        return self

    def to_domain(self) -> CreditPreview | CreditRequest | CreditDecision | CreditLeftOver:
        if self.time is not None:
            return CreditLeftOver(at=parse_instant(self.time.isoformat()))
        asked = self.request or self.decision
        assert asked is not None
        return asked.to_domain()


def answer(note: CreditNote, why_approval: str) -> dict[str, Any]:
    """Return what whoever asked is told: the credit note as it is now, or would be."""
    figures = note.credited
    return {
        "outcome": note.state.value,
        "purpose": note.request.purpose.value,
        "credit_note_id": note.credit_note_id,
        "invoice_number": note.invoice_number,
        "number": note.number or "",
        "approval": why_approval,
        "lines": [{"line_id": line.line_id, "amount": str(line.amount)} for line in figures.lines],
        "taxes": [{"code": tax.code, "base": str(tax.base), "amount": str(tax.amount)} for tax in figures.taxes],
        "net": str(figures.net),
        "tax": str(figures.tax),
        "gross": str(figures.gross),
    }


def refused(refusal: Exception) -> dict[str, Any]:
    return {"outcome": "refused", "reason": str(refusal)}
