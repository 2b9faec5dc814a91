"""An ERP in memory (port Erp) that misbehaves as scripted: one behaviour per write call, then it behaves."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import count

from shared.domain.identifiers import ExternalRef, LegalEntityId
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import (
    Absent,
    Accepted,
    Ambiguous,
    AuthFailed,
    Draft,
    Duplicate,
    ErpRef,
    Found,
    Location,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    RejectionKind,
    Submission,
    Throttled,
    Ticket,
    Uncertain,
)


class Behaviour(Enum):
    WORK = auto()
    THROTTLE = auto()
    REFUSE_CREDENTIALS = auto()
    LOSE_REQUEST = auto()  # nothing happens, nobody says so
    LOSE_REPLY = auto()  # it happens, nobody says so
    COMMIT_LATE = auto()  # it happens minutes later, within the quiet period
    REFUSE_PERIOD = auto()
    REFUSE_MAPPING = auto()


COMMITS_LATE_BY = timedelta(minutes=9)
QUIET_PERIOD = timedelta(minutes=11)
LOOKUP_SPACING = timedelta(minutes=5)


@dataclass(slots=True)
class Held:
    """A document in the ERP. It is visible from `since` on and in the ledger from `posted_since` on."""

    ref: ErpRef
    document: Document
    since: datetime
    posted_since: datetime | None


@dataclass(slots=True)
class FakeErp:
    now: Callable[[], datetime]
    two_step: bool = True
    enforces_key: bool = False
    writes: Iterator[Behaviour] = field(default_factory=lambda: iter(()))
    failing_lookups: Iterator[bool] = field(default_factory=lambda: iter(()))
    posts_into: str | None = None  # a period other than the document's
    held: list[Held] = field(default_factory=list)
    writes_seen: int = 0
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def behave(self, *behaviours: Behaviour) -> None:
        self.writes = iter(behaviours)

    def fail_lookups(self, failing: Iterable[bool]) -> None:
        self.failing_lookups = iter(failing)

    def posted_documents(self) -> list[Document]:
        return [held.document for held in self.held if self._is_posted(held)]

    def capabilities(self) -> Capabilities:
        return Capabilities(
            system="fake",
            quiet_period_seconds=int(QUIET_PERIOD.total_seconds()),
            lookup_spacing_seconds=int(LOOKUP_SPACING.total_seconds()),
            two_step_post=self.two_step,
            natural_key_enforced=self.enforces_key,
        )

    def submit(self, document: Document) -> Submission:
        behaviour = self._next()
        refusal = _refusal(behaviour)
        if refusal is not None:
            return refusal
        if self.enforces_key and any(held.document.external_ref == document.external_ref for held in self.held):
            return Duplicate()
        if behaviour is Behaviour.LOSE_REQUEST:
            return Uncertain("read time-out")
        since = self._commit_time(behaviour)
        held = Held(ErpRef(f"doc-{next(self.numbers)}"), document, since, None if self.two_step else since)
        self.held.append(held)
        if behaviour is not Behaviour.WORK:
            return Uncertain("read time-out")
        return Draft(held.ref) if self.two_step else Posted(held.ref)

    def advance(self, ref: ErpRef, document: Document) -> Submission:
        behaviour = self._next()
        refusal = _refusal(behaviour)
        if refusal is not None:
            return refusal
        if behaviour is Behaviour.LOSE_REQUEST:
            return Uncertain("read time-out")
        held = self._held(ref)
        assert held is not None
        assert held.document == document
        held.posted_since = held.posted_since or self._commit_time(behaviour)
        return Posted(ref) if behaviour is Behaviour.WORK else Uncertain("read time-out")

    def poll(self, ticket: Ticket, document: Document) -> Submission:
        if next(self.failing_lookups, False):
            return Throttled()
        held = self._held(ErpRef(ticket.value))
        if held is None:
            return Uncertain("no such ticket")
        return Posted(held.ref) if self._is_posted(held) else Accepted(ticket)

    def discard(self, ref: ErpRef, kind: DocumentKind) -> None:
        draft = self._held(ref)
        if self._next() is Behaviour.WORK and draft is not None and draft.posted_since is None:
            self.held.remove(draft)

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        if next(self.failing_lookups, False):
            return LookupFailed("the ERP is down")
        found = [
            held for held in self._visible() if (held.document.external_ref, held.document.kind) == (external_ref, kind)
        ]
        if len(found) > 1:
            return Ambiguous(tuple(held.ref for held in found))
        return Found(self._reading(found[0])) if found else Absent()

    def read(self, ref: ErpRef, kind: DocumentKind) -> PostedDocument | LookupFailed:
        held = self._held(ref)
        if held is None or held.document.kind is not kind or next(self.failing_lookups, False):
            return LookupFailed("the ERP is down")
        return self._reading(held)

    def book_by_hand(self, document: Document) -> None:
        """Do what finance does in the ERP itself: post the document with our key, or the draft of it."""
        held = next((one for one in self.held if one.document.external_ref == document.external_ref), None)
        if held is None:
            held = Held(ErpRef(f"doc-{next(self.numbers)}"), document, self.now(), None)
            self.held.append(held)
        held.posted_since = held.posted_since or self.now()

    def _next(self) -> Behaviour:
        self.writes_seen += 1
        return next(self.writes, Behaviour.WORK)

    def _commit_time(self, behaviour: Behaviour) -> datetime:
        return self.now() + (COMMITS_LATE_BY if behaviour is Behaviour.COMMIT_LATE else timedelta(0))

    def _visible(self) -> list[Held]:
        return [held for held in self.held if held.since <= self.now()]

    def _held(self, ref: ErpRef) -> Held | None:
        return next((held for held in self._visible() if held.ref == ref), None)

    def _is_posted(self, held: Held) -> bool:
        return held.posted_since is not None and held.posted_since <= self.now()

    def _reading(self, held: Held) -> PostedDocument:
        document = held.document
        return PostedDocument(
            ref=held.ref,
            external_ref=document.external_ref,
            number=f"SI-{held.ref.value}",
            posted=self._is_posted(held),
            accounting_period=self.posts_into or document.accounting_period,
            net=document.net,
            tax=document.tax,
            gross=document.gross,
        )


class OneErp:
    """Routes every legal entity to one ERP (port ErpRouting)."""

    def __init__(self, erp: FakeErp) -> None:
        self._erp = erp

    def erp_for(self, legal_entity_id: LegalEntityId) -> FakeErp:
        return self._erp


def _refusal(behaviour: Behaviour) -> Submission | None:
    refusals: dict[Behaviour, Submission] = {
        Behaviour.THROTTLE: Throttled(7),
        Behaviour.REFUSE_CREDENTIALS: AuthFailed("status 401"),
        Behaviour.REFUSE_PERIOD: Rejected(RejectionKind.PERIOD, "USER_ERROR", "the period is closed"),
        Behaviour.REFUSE_MAPPING: Rejected(RejectionKind.MAPPING, "NOT_MAPPED", "no mapping for product api"),
    }
    return refusals.get(behaviour)
