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
    """One document for one ERP, for ever. Instants are in UTC."""

    tenant: TenantId
    posting_id: PostingId
    external_ref: ExternalRef  # our key, as the ERP is told it
    legal_entity_id: LegalEntityId
    document: Document
    payload_digest: str  # of the document as it was issued: another one is not sent
    state: IntentState
    version: int  # fences writers: every change is conditional on it
    attempts: int
    absences: int  # spaced look-ups that have found nothing since the last attempt
    due_at: datetime  # when the relay or the resolver may next act
    created_at: datetime
    asked_until: datetime | None = None  # a message is under way that asks to follow it up (domain/posting/follow_ups)
    task_tokens: tuple[str, ...] = field(default=(), repr=False)  # of the executions that wait for it to settle

    # The last attempt. The books are those that it went to, else those where it was seen; of one that was refused
    # unsent as POSTING_ELSEWHERE, those it belongs in; "" while there are none.
    sent_at: datetime | None = None
    sent_to: str = ""
    refused_as_duplicate: bool = False  # the ERP did not take it: it has a document with its key already

    # What the ERP has said.
    accepted_at: datetime | None = None  # when it first said that it had taken it
    ticket: Ticket | None = None  # to be asked by until its ledger has it
    erp_ref: ErpRef | None = None  # also of a draft
    erp_number: str | None = None
    posted_period: str | None = None  # YYYY-MM

    # How it stands with people and with executions.
    settled_at: datetime | None = None  # when it was known to be posted, refused or given up
    reason: str = ""  # why it is not posted yet, or is not as we said, for a person
    answered: bool = False  # everyone who waits was told how it settled: executions, and the exceptions
    problem: ExceptionCode | None = None  # the exception that is open about it now
    raised: tuple[ExceptionCode, ...] = ()  # every one there was
    asked_by: str = ""  # the person who had it take another's place, booked it by hand, or gave it up

    # What may come late (domain/posting/elsewhere for other books).
    may_come_late: bool = False  # an attempt ended in silence and was given up as absent
    rechecks_left: int = 0  # look-ups for it that still follow once it has settled
    left_elsewhere: bool = False  # a person was told to look for it in the books of `sent_to`

    # A refused one and the one that was sent in its place.
    replaces: PostingId | None = None
    replaced_by: PostingId | None = None
    mends: ExceptionId | None = None  # the exception of the refusal, which closes once this one settles

    # What its legal entity wants where the accounting period is closed, and what is booked by hand.
    redates: bool = False  # a refusal for the period is not for good: another date is looked for
    awaits_redating: bool = False  # refused so; nobody is told until another takes its place or a person must look
    accrues: bool = False  # once posted, what it bills of a closed month is accrued in it (domain/posting/accrual)
    made_in_erp: bool = False  # by hand: never sent, refused here until it is marked as posted

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
