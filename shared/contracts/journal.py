"""Journals as people write them and as they are stored, and what is asked of record_journal.

Amounts are written as text with every digit they have; reading gives back the very same value.
"""

import zlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, TypeAdapter, model_validator

from shared.domain.identifiers import CustomerId, JournalId, LegalEntityId, TenantId
from shared.domain.invoicing.invoice import ApprovalDecision
from shared.domain.money import Money, currency
from shared.domain.posting.document import external_ref
from shared.domain.posting.journal import MAX_JOURNAL_LINES, Journal, JournalLine
from shared.domain.posting.journal_approval import PreparedJournal
from shared.domain.posting.names import JournalName
from shared.ports.journals import StoredJournal

_STORED = TypeAdapter(StoredJournal)

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
JournalKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Amount = Annotated[Decimal, Field(gt=0, max_digits=30, allow_inf_nan=False)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JournalLineEntry(_Model):
    """One side: `account` is our name of it, as in the `accounts` of the legal entity's mapping."""

    account: Name
    debit: Amount | None = None
    credit: Amount | None = None
    text: str = Field(default="", max_length=500)
    dimensions: dict[Name, Name] = Field(default_factory=dict)
    customer: Name | None = None

    @model_validator(mode="after")
    def _is_one_side(self) -> Self:
        if (self.debit is None) == (self.credit is None):
            raise ValueError("a line is a debit or a credit")
        return self

    @property
    def signed(self) -> Decimal:
        return self.debit if self.debit is not None else -(self.credit or Decimal(0))


class JournalEntry(_Model):
    """A journal as finance writes it in a file."""

    id: JournalKey
    legal_entity: Name
    posting_date: date
    document_date: date | None = None  # the posting date
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
    text: str = Field(min_length=1, max_length=500)
    reverses: JournalKey | None = None  # the id of another journal
    lines: tuple[JournalLineEntry, ...] = Field(min_length=2, max_length=MAX_JOURNAL_LINES)

    def to_domain(self, tenant: TenantId) -> Journal:
        """Return the journal; raise ValueError, with the reason, where it is unbalanced or its currency unknown."""
        of, name = currency(self.currency), JournalName(journal_id=JournalId(self.id)).first_posting
        original = JournalName(journal_id=JournalId(self.reverses)) if self.reverses else None
        return Journal(
            tenant=tenant,
            posting_id=name,
            external_ref=external_ref(tenant=tenant, posting_id=name),
            legal_entity_id=LegalEntityId(self.legal_entity),
            human_number=self.id,
            document_date=self.document_date or self.posting_date,
            posting_date=self.posting_date,
            text=self.text,
            lines=tuple(
                JournalLine(
                    line_no=number,
                    account=line.account,
                    amount=Money(line.signed, of),
                    text=line.text or self.text,
                    dimensions=tuple(sorted(line.dimensions.items())),
                    customer_id=CustomerId(line.customer) if line.customer else None,
                )
                for number, line in enumerate(self.lines, start=1)
            ),
            reverses=original.first_posting if original else None,
        )


class PrepareJournalEvent(_Model):
    """Without `send` nothing is stored: the answer says what would come of it."""

    act: Literal["prepare"] = "prepare"
    journal: JournalEntry
    prepared_by: Name
    send: bool = False


class DecideJournalEvent(_Model):
    act: Literal["decide"] = "decide"
    journal_id: JournalKey
    approved: bool
    decided_by: Name
    reason: str = Field(default="", max_length=500)

    @property
    def name(self) -> JournalName:
        return JournalName(journal_id=JournalId(self.journal_id))

    def decision(self, at: datetime) -> ApprovalDecision:
        return ApprovalDecision(approved=self.approved, decided_by=self.decided_by, decided_at=at, reason=self.reason)


JournalEvent: TypeAlias = Annotated[PrepareJournalEvent | DecideJournalEvent, Discriminator("act")]
_EVENT: TypeAdapter[PrepareJournalEvent | DecideJournalEvent] = TypeAdapter(JournalEvent)


def journal_event(event: Mapping[str, Any]) -> PrepareJournalEvent | DecideJournalEvent:
    """Read an input of record_journal; raises ValidationError."""
    return _EVENT.validate_python(event)


def answer(prepared: PreparedJournal, approver: str) -> dict[str, Any]:
    journal = prepared.journal
    return {
        "outcome": prepared.state.value,
        "journal_id": journal.human_number,
        "posting_id": journal.posting_id,
        "external_ref": journal.external_ref,
        "accounting_period": journal.accounting_period,
        "amount": str(journal.net),
        "lines": len(journal.lines),
        "approver": approver,
    }


def refused(refusal: Exception) -> dict[str, Any]:
    return {"outcome": "refused", "reason": str(refusal)}


def pack_stored_journal(stored: StoredJournal) -> bytes:
    return zlib.compress(_STORED.dump_json(stored))


def unpack_stored_journal(body: bytes) -> StoredJournal:
    """Return the stored journal; raises pydantic's ValidationError for anything this project has not written."""
    return _STORED.validate_json(zlib.decompress(body))
