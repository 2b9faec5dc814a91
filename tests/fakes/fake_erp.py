"""An ERP in memory (port Erp) that misbehaves as scripted: one behaviour per write call, then it behaves."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum, auto
from itertools import count, repeat

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
from shared.domain.posting.pacing import NotCalled
from shared.ports.erp import ErpRouting


class Behaviour(Enum):
    WORK = auto()
    THROTTLE = auto()
    BE_AWAY = auto()  # nothing could be sent
    REFUSE_CREDENTIALS = auto()
    LOSE_REQUEST = auto()  # nothing happens, nobody says so
    LOSE_REPLY = auto()  # it happens, nobody says so
    COMMIT_LATE = auto()  # it happens later, within the quiet period where nothing else is said
    REFUSE_LATER = auto()  # it is taken, and refused only when it was to be posted
    REFUSE_PERIOD = auto()
    REFUSE_MAPPING = auto()


_ANSWERED = frozenset({Behaviour.WORK, Behaviour.REFUSE_LATER})
COMMITS_LATE_BY = timedelta(minutes=9)
QUIET_PERIOD = timedelta(minutes=11)
LOOKUP_SPACING = timedelta(minutes=5)
POSTS_AFTER = timedelta(minutes=40)


FAKE = Capabilities(
    system="fake",
    quiet_period_seconds=int(QUIET_PERIOD.total_seconds()),
    lookup_spacing_seconds=int(LOOKUP_SPACING.total_seconds()),
    two_step_post=True,
    natural_key_enforced=False,
    kinds=frozenset(DocumentKind),
)
ONE_STEP = replace(FAKE, two_step_post=False)
TAKES_FIRST = replace(ONE_STEP, accepts_first=frozenset(DocumentKind))


@dataclass(slots=True)
class Held:
    """A document in the ERP. It is visible from `since` on and in the ledger from `posted_since` on.

    `on_its_way` says that the ERP has taken it into its ledger's queue, or that people there are to approve it.
    """

    ref: ErpRef
    document: Document
    since: datetime
    posted_since: datetime | None
    on_its_way: bool = False
    refusal: Rejected | None = None  # what comes of it in place of a posting
    period: str = ""  # the ERP's own, where that is not the document's


@dataclass(slots=True)
class FakeErp:
    """`closed` are periods that take nothing; where the ERP shifts, they go into the next month instead.

    Those that are `closed_for_invoices` still take journals.

    It takes our number as its own unless it `numbers_by_itself`.

    What it takes before its ledger has it is there `posts_after` later, None: not before somebody there posts it. One
    that `hides` shows nobody what is on its way. Look-ups by our key trail behind by its `lag`.
    """

    now: Callable[[], datetime]
    does: Capabilities = FAKE
    writes: Iterator[Behaviour] = field(default_factory=lambda: iter(()))
    failing_lookups: Iterator[bool] = field(default_factory=lambda: iter(()))
    forgets_tickets: Iterator[bool] = field(default_factory=lambda: iter(()))
    posts_after: Iterator[timedelta | None] = field(default_factory=lambda: repeat(POSTS_AFTER))
    hides: bool = False
    lag: timedelta = timedelta(0)
    late_by: Iterator[timedelta] = field(default_factory=lambda: repeat(COMMITS_LATE_BY))
    closed: set[str] = field(default_factory=set)
    closed_for_invoices: set[str] = field(default_factory=set)
    held: list[Held] = field(default_factory=list)
    writes_seen: int = 0
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    numbers_by_itself: bool = False

    def behave(self, *behaviours: Behaviour) -> None:
        self.writes = iter(behaviours)

    def fail_lookups(self, failing: Iterable[bool]) -> None:
        self.failing_lookups = iter(failing)

    def posted_documents(self) -> list[Document]:
        return [held.document for held in self.held if self._is_posted(held)]

    def capabilities(self) -> Capabilities:
        return self.does

    def submit(self, document: Document) -> Submission:  # noqa: PLR0911 - one for each thing that it may do
        behaviour = self._next()
        if (refusal := _refusal(behaviour)) is not None:
            return refusal
        if self.does.natural_key_enforced and self._has(document.external_ref):
            return Duplicate()
        if behaviour is Behaviour.LOSE_REQUEST:
            return Uncertain("read time-out")
        held = Held(ErpRef(f"doc-{next(self.numbers)}"), document, self._commit_time(behaviour), None)
        if not self.does.two_step_post and (refusal := self._book(held, behaviour)) is not None:
            return refusal
        self.held.append(held)
        if behaviour not in _ANSWERED:
            return Uncertain("read time-out")
        if self.does.two_step_post:
            return Draft(held.ref)
        return Accepted(Ticket(held.ref.value)) if held.on_its_way else Posted(held.ref)

    def advance(self, ref: ErpRef, document: Document) -> Submission:  # noqa: PLR0911 - one for each thing that it may do
        behaviour = self._next()
        if (refusal := _refusal(behaviour)) is not None:
            return refusal
        if behaviour is Behaviour.LOSE_REQUEST:
            return Uncertain("read time-out")
        held = self._held(ref)
        if held is None:
            return Rejected(RejectionKind.VALIDATION, "GONE", "there is no such draft")
        assert held.document == document
        if held.posted_since is None and not held.on_its_way and (refusal := self._book(held, behaviour)) is not None:
            return refusal
        if held.refusal is not None:
            self.held.remove(held)
            return held.refusal
        if behaviour not in _ANSWERED:
            return Uncertain("read time-out")
        return Accepted(Ticket(ref.value)) if held.on_its_way and not self._is_posted(held) else Posted(ref)

    def poll(self, ticket: Ticket, document: Document) -> Submission:
        if next(self.failing_lookups, False):
            return Throttled()
        held = next((one for one in self.held if one.ref.value == ticket.value), None)
        if held is None or next(self.forgets_tickets, False):
            return Uncertain("no such ticket")
        if held.refusal is not None:
            self.held.remove(held)
            return held.refusal
        return Posted(held.ref) if self._is_posted(held) else Accepted(ticket)

    def discard(self, ref: ErpRef, kind: DocumentKind) -> None:
        draft = self._held(ref)
        if self._next() is Behaviour.WORK and draft is not None and not draft.on_its_way and draft.posted_since is None:
            self.held.remove(draft)

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        if next(self.failing_lookups, False):
            return LookupFailed("the ERP is down")
        shown = self.now() - self.lag
        found = [
            held
            for held in self.held
            if held.since <= shown and (held.document.external_ref, held.document.kind) == (external_ref, kind)
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
        same = [one for one in self.held if one.document.external_ref == document.external_ref]
        held = min(same, key=lambda one: (one.refusal is not None, one.since), default=None)
        if held is None:
            held = Held(ErpRef(f"doc-{next(self.numbers)}"), document, self.now(), None)
            self.held.append(held)
        held.since, held.refusal = min(held.since, self.now()), None
        held.posted_since = min(held.posted_since or self.now(), self.now())

    def is_closed_for(self, document: Document) -> bool:
        month, is_journal = document.accounting_period, document.kind is DocumentKind.JOURNAL
        return month in self.closed or (not is_journal and month in self.closed_for_invoices)

    def _book(self, held: Held, behaviour: Behaviour) -> Submission | None:
        """Bring a document into the ledger, or on its way there; return the refusal of a closed period."""
        if self.is_closed_for(held.document):
            if not self.does.period_can_shift:
                return Rejected(RejectionKind.PERIOD, "CLOSED", f"{held.document.accounting_period} is closed")
            held.period = _month_after(held.document.posting_date)
        now = self._commit_time(behaviour)
        held.on_its_way = held.document.kind in self.does.accepts_first
        wait = next(self.posts_after, None) if held.on_its_way else timedelta(0)
        if held.on_its_way and behaviour is Behaviour.REFUSE_LATER:
            wait, held.refusal = None, Rejected(RejectionKind.MAPPING, "NO_ACCOUNT", "there is no such account")
        held.posted_since = None if wait is None else now + wait
        if held.on_its_way and self.hides:
            held.since = held.posted_since or datetime.max.replace(tzinfo=UTC)
        return None

    def _has(self, external_ref: ExternalRef) -> bool:
        """Say whether the key is taken; what was to be committed later with the same one is refused then."""
        same = [one for one in self.held if one.document.external_ref == external_ref and one.refusal is None]
        late = [one for one in same if one.since > self.now() and not one.on_its_way]
        for one in late:
            self.held.remove(one)
        return len(same) > len(late)

    def _next(self) -> Behaviour:
        self.writes_seen += 1
        return next(self.writes, Behaviour.WORK)

    def _commit_time(self, behaviour: Behaviour) -> datetime:
        return self.now() + (next(self.late_by) if behaviour is Behaviour.COMMIT_LATE else timedelta(0))

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
            accounting_period=held.period or document.accounting_period,
            net=document.net,
            tax=document.tax,
            gross=document.gross,
            human_number=f"SI-{held.ref.value}" if self.numbers_by_itself else document.human_number,
        )


class ErpsInNoLine:
    """ERPs that nobody has to stand in line for (port ErpsInTurn)."""

    def __init__(self, erps: ErpRouting) -> None:
        self.erp_and_books = erps.erp_and_books

    def turn(self, legal_entity_id: LegalEntityId) -> AbstractContextManager[NotCalled | None]:
        return nullcontext()

    reading_turn = turn


class OneErp:
    """Routes every legal entity to one ERP, which is nobody's turn while it is `not_called` (port ErpsInTurn)."""

    def __init__(self, erp: FakeErp, not_called: NotCalled | None = None, *, books: str = "fake/acme/1") -> None:
        self._erp = erp
        self._not_called = not_called
        self._books = books

    def erp_and_books(self, legal_entity_id: LegalEntityId) -> tuple[FakeErp, str]:
        return self._erp, self._books

    def turn(self, legal_entity_id: LegalEntityId) -> AbstractContextManager[NotCalled | None]:
        return nullcontext(self._not_called)

    reading_turn = turn


def _month_after(day: date) -> str:
    return (day.replace(day=1) + timedelta(days=31)).strftime("%Y-%m")


def _refusal(behaviour: Behaviour) -> Submission | None:
    refusals: dict[Behaviour, Submission] = {
        Behaviour.THROTTLE: Throttled(7),
        Behaviour.BE_AWAY: Throttled(),
        Behaviour.REFUSE_CREDENTIALS: AuthFailed("status 401"),
        Behaviour.REFUSE_PERIOD: Rejected(RejectionKind.PERIOD, "USER_ERROR", "the period is closed"),
        Behaviour.REFUSE_MAPPING: Rejected(RejectionKind.MAPPING, "NOT_MAPPED", "no mapping for product api"),
    }
    return refusals.get(behaviour)
