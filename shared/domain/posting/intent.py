"""The posting intent: written before anything is sent, it decides alone whether a document may be sent again."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import ExceptionId, ExternalRef, LegalEntityId, PostingId, TenantId
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.posting.digest import payload_digest
from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import ErpRef, Ticket

# The execution that issues an invoice sends the posting's first message itself; the relay steps in after this.
FIRST_RELAY_DELAY = timedelta(minutes=15)


class IntentState(StrEnum):
    INTENT = "intent"  # unsent; certainly not in the ERP
    SENDING = "sending"  # an attempt is, or may be, under way
    ACCEPTED = "accepted"  # the ERP has taken it, its ledger has not yet; poll
    UNKNOWN = "unknown"  # an attempt ended without an answer; look up after the quiet period
    POSTED = "posted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"  # given up by a person; certainly not in the ERP

    @property
    def in_words(self) -> str:
        """Return what people read of it."""
        return "unsent" if self is IntentState.INTENT else self.value

    @property
    def settled(self) -> bool:
        return self in {IntentState.POSTED, IntentState.REJECTED, IntentState.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingIntent:
    """One document for one ERP, for ever. `version` fences writers: every change is conditional on it.

    `due_at` (UTC) is when the relay or the resolver may next act. `absences` counts spaced look-ups that found
    nothing since the last attempt. `answered` says that everyone who waits was told how it settled: the invoice
    execution and the exceptions. `problem` is the exception that is open about it now, `raised` every one there was.
    `sent_at` is when its last attempt began, `accepted_at` when the ERP first said that it had taken it, to be asked by
    its `ticket`, `settled_at` when it was known to be posted or refused. `may_come_late` says that an attempt ended in
    silence and was given up as absent: `rechecks_left` counts the look-ups that then still follow. Where it is
    `refused_as_duplicate`, the ERP did not take the last attempt, since it has a document with its key already.
    `sent_to` names the books that the last attempt went to, that it was seen in, or that it was not sent into others
    than; where it is `left_elsewhere`, a person was told to look there for what comes late (domain/posting/elsewhere).
    Where a refused one was repaired, it is `replaced_by` another, which `replaces` it, was `asked_by` a person, and
    `mends` the exception of the refusal: that closes once this one settles. What was booked by hand or cancelled was
    `asked_by` a person too. One that `redates` is not refused for good by a closed accounting period: it
    `awaits_redating`, and nobody is told, until another takes its place or a person has to look. One that `accrues` is
    looked at once more when it is posted: what it bills of a closed month is accrued in it (domain/posting/accrual).
    One whose document was `made_in_erp` by hand is never sent: it is refused here until it is marked as posted. Until
    `asked_until` a message is under way that asks to follow it up (domain/posting/follow_ups).
    """

    tenant: TenantId
    posting_id: PostingId
    external_ref: ExternalRef
    legal_entity_id: LegalEntityId
    document: Document
    payload_digest: str
    state: IntentState
    version: int
    attempts: int
    absences: int
    due_at: datetime
    created_at: datetime
    task_tokens: tuple[str, ...] = field(default=(), repr=False)
    sent_at: datetime | None = None
    sent_to: str = ""
    accepted_at: datetime | None = None
    settled_at: datetime | None = None
    ticket: Ticket | None = None
    erp_ref: ErpRef | None = None
    erp_number: str | None = None
    posted_period: str | None = None
    reason: str = ""
    answered: bool = False
    problem: ExceptionCode | None = None
    raised: tuple[ExceptionCode, ...] = ()
    may_come_late: bool = False
    rechecks_left: int = 0
    refused_as_duplicate: bool = False
    left_elsewhere: bool = False
    replaces: PostingId | None = None
    replaced_by: PostingId | None = None
    mends: ExceptionId | None = None
    asked_by: str = ""
    redates: bool = False
    awaits_redating: bool = False
    accrues: bool = False
    made_in_erp: bool = False
    asked_until: datetime | None = None

    @property
    def needs_action(self) -> bool:
        """Whether the relay or the resolver has anything left to do with it."""
        is_over = self.state.settled and self.answered and not self.rechecks_left
        return not is_over or self.awaits_redating or self.awaits_accrual

    @property
    def is_on_its_way(self) -> bool:
        """Whether it is still to come into the ledger, or somebody has yet to say that it will not."""
        return not self.state.settled or self.awaits_redating

    @property
    def awaits_accrual(self) -> bool:
        return self.accrues and self.state is IntentState.POSTED


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingRequest:
    """A request to send one posting, with the token of the execution that waits for it, if one has just asked."""

    posting_id: PostingId
    task_token: str | None = field(repr=False)


def new_intent(
    document: Document,
    *,
    created_at: datetime,
    on_closed_period: ClosedPeriodPolicy = ClosedPeriodPolicy.PERSON,
    made_in_erp: bool = False,
) -> PostingIntent:
    """Return the intent that is written in the transaction that issues the invoice, or that approves the journal.

    The policy of the legal entity is not for journals: what belongs into a month is not booked into another one.
    """
    return PostingIntent(
        tenant=document.tenant,
        posting_id=document.posting_id,
        external_ref=document.external_ref,
        legal_entity_id=document.legal_entity_id,
        document=document,
        payload_digest=payload_digest(document),
        state=IntentState.INTENT,
        version=1,
        attempts=0,
        absences=0,
        due_at=created_at + FIRST_RELAY_DELAY,
        created_at=created_at,
        redates=on_closed_period.moves(document.kind),
        accrues=on_closed_period.accrues(document.kind),
        made_in_erp=made_in_erp,
    )
