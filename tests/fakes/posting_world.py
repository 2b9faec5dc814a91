"""The posting stage on fakes: a queue that redelivers, two schedules, an ERP, and a clock that is told to move."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self, cast

from functions.post_to_erp.use_case import post_to_erp
from functions.relay_postings.asking import Asking
from functions.relay_postings.use_case import relay_postings
from functions.repair_posting.by_hand import HandBooking, HandSettler
from functions.repair_posting.composing import Composed
from functions.repair_posting.use_case import PostingRepairer
from functions.resolve_unknown_postings.accruing import Accruer
from functions.resolve_unknown_postings.redating import Redater
from functions.resolve_unknown_postings.use_case import PostingResolver
from shared.domain.exception_record import ExceptionCode, ExceptionRecord
from shared.domain.identifiers import ExceptionId, LegalEntityId, PostingId, ProductId
from shared.domain.invoice_document.document import DocumentId
from shared.domain.master_data.catalog import DimensionMapping, ErpMapping
from shared.domain.money import Currency, currency
from shared.domain.posting.accrual import UNBILLED_RECEIVABLES
from shared.domain.posting.announcement import PostingAnnouncement, PostingAnswer
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.posting.follow_ups import needs_follow_up
from shared.domain.posting.intent import IntentState, PostingIntent, PostingRequest
from shared.domain.posting.journal import Document
from shared.domain.posting.names import PostedName, posted_name
from shared.domain.posting.pacing import NotCalled
from shared.domain.posting.repair import Adopted, Cancelled, Repair
from shared.ports.accounting_periods import AccountingPeriods
from shared.ports.accruals import Accruals
from shared.ports.erp import ErpRouting, ErpsInTurn
from shared.ports.invoice_documents import DocumentRequests
from shared.ports.master_data import MasterData
from shared.ports.posting_announcer import PostingAnnouncer
from shared.ports.posting_intents import PostingIntents
from shared.ports.posting_repairs import PostingRepairs
from shared.ports.posting_requests import PostingRequests
from shared.ports.receivables import Receivables
from tests.builders.posting import FIRST_OF_NOVEMBER, GERMANY, an_intent
from tests.fakes.fake_erp import ErpsInNoLine, FakeErp, OneErp
from tests.fakes.in_memory_accounting_periods import InMemoryAccountingPeriods
from tests.fakes.in_memory_accruals import InMemoryAccruals
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents
from tests.fakes.in_memory_posting_repairs import InMemoryPostingRepairs
from tests.fakes.in_memory_receivables import InMemoryReceivables

TICK = timedelta(minutes=5)
MAX_TICKS = 2000  # a week
IN_TRYTON = ErpMapping(
    system="tryton",
    connection="acme-gmbh/tryton",
    company="1",
    receivable_account="1100",
    tax_account="1776",
    products={ProductId("api"): "4400", ProductId("storage"): "4410"},
    tax_codes={"VAT19": "U19"},
    accounts={UNBILLED_RECEIVABLES: "1200"},
    dimensions={"region": DimensionMapping(field="region", values={ProductId("api"): "eu"})},
)


class Died(BaseException):
    """The function's environment died in the middle of a call: not an error that a handler could see."""


@dataclass(slots=True)
class Told:
    """Everything the announcer was told (port PostingAnnouncer)."""

    raised: dict[ExceptionId, ExceptionRecord] = field(default_factory=dict)
    raised_at: dict[ExceptionId, datetime] = field(default_factory=dict)  # last
    resolved: set[ExceptionId] = field(default_factory=set)
    answers: list[PostingAnswer] = field(default_factory=list)

    def announce(self, announcement: PostingAnnouncement) -> None:
        for record in announcement.raised:
            self.raised.setdefault(record.exception_id, record)
            self.raised_at[record.exception_id] = record.raised_at
        self.resolved.update(announcement.resolved)
        self.answers += announcement.answers

    def open_records(self) -> list[ExceptionRecord]:
        return [record for key, record in self.raised.items() if key not in self.resolved]

    def open_codes(self) -> set[ExceptionCode]:
        return {record.code for record in self.open_records()}


@dataclass(slots=True)
class AskedDocuments:
    """What was asked for (port DocumentRequests)."""

    asked: list[DocumentId] = field(default_factory=list)

    def request(self, of: DocumentId) -> None:
        self.asked.append(of)


@dataclass(slots=True)
class EntityBooks:
    """The legal entity, and all that the posting stage asks the master data for."""

    legal_entity_id: LegalEntityId = GERMANY
    functional_currency: Currency = field(default_factory=lambda: currency("EUR"))
    erp: ErpMapping = IN_TRYTON
    closed_through: date | None = None
    on_closed_period: ClosedPeriodPolicy = ClosedPeriodPolicy.PERSON

    def version(self) -> str:
        return "v1"

    def legal_entity(self, legal_entity_id: str) -> Self:
        return self

    def day_of(self, instant: datetime) -> date:
        return instant.date()


@dataclass(slots=True)
class SimulatedClock:
    instant: datetime = FIRST_OF_NOVEMBER

    def now(self) -> datetime:
        return self.instant


@dataclass(slots=True)
class AskedFollowUps:
    """Messages that ask what became of postings (port PostingRequests)."""

    clock: SimulatedClock
    asked: list[tuple[datetime, PostingId]] = field(default_factory=list)

    def request(self, posting_id: PostingId, *, after: timedelta = timedelta(0)) -> None:
        self.asked.append((self.clock.now() + after, posting_id))

    def arrived(self) -> Sequence[PostingId]:
        """Return those that have arrived, and forget them."""
        now = self.clock.now()
        arrived = [posting_id for at, posting_id in self.asked if at <= now]
        self.asked = [(at, posting_id) for at, posting_id in self.asked if at > now]
        return arrived


@dataclass(frozen=True, slots=True)
class AskingForAll:
    """Of the fakes, every ERP takes everything (as relay_postings' Asking)."""

    queue: PostingRequests

    def allowance(self, _entities: Iterable[LegalEntityId]) -> Self:
        return self

    def takes(self, _legal_entity_id: LegalEntityId) -> bool:
        return True


class PostingWorld:
    """Drives the three functions as their triggers do. `watch` may wrap every port, e.g. to die inside a call."""

    def __init__(
        self, watch: Callable[[str, Any], Any] = lambda _, port: port, *, erps: ErpRouting | None = None
    ) -> None:
        self.clock = SimulatedClock()
        self.erp = FakeErp(self.clock.now)
        self.intents = InMemoryPostingIntents()
        self.receivables = InMemoryReceivables()
        self.told = Told()
        self.books = EntityBooks()
        self.queue: list[PostingRequest] = []
        self.delayed: list[tuple[datetime, PostingRequest]] = []
        self.follow_ups = AskedFollowUps(self.clock)
        self.not_called: NotCalled | None = None  # the ERP, which nobody calls then
        self.documents = AskedDocuments()
        self._watch = watch
        self._real_erps = erps

    def request(self, posting_id: PostingId, *, after: timedelta = timedelta(0)) -> None:
        self.delayed.append((self.clock.now() + after, PostingRequest(posting_id=posting_id, task_token=None)))
        self._let_arrive()

    def waiting(self) -> int:
        return len(self.queue)

    def issue(self, intent: PostingIntent | None = None, *, token: str | None = "token-1") -> PostingIntent:
        """Do what the issue step and the send step of an invoice do."""
        intent = intent or an_intent()
        self.intents.add(intent)
        self.queue.append(PostingRequest(posting_id=intent.posting_id, task_token=token))
        return intent

    def deliver(self) -> None:
        """Deliver each message once; one whose delivery failed comes again with the next tick."""
        self._let_arrive()
        arrived, self.queue = self.queue, []
        for message in arrived:
            try:
                self.post(message)
            except (Exception, Died):  # noqa: BLE001 - SQS does not care why
                self.queue.append(message)

    def post(self, message: PostingRequest) -> PostingIntent:
        return post_to_erp(
            message,
            cast("PostingIntents", self._watch("intents", self.intents)),
            receivables=cast("Receivables", self._watch("receivables", self.receivables)),
            master_data=cast("MasterData", self._watch("master_data", self.books)),
            erps=self._erps(),
            requests=cast("PostingRequests", self._watch("requests", self)),
            announcer=self._announcer(),
            clock=self.clock,
        )

    def follow_up(self) -> None:
        """Deliver each message that asks what became of a posting; one whose delivery failed comes again."""
        resolver = self._resolver()
        for posting_id in self.follow_ups.arrived():
            try:
                resolver.resolve(posting_id)
            except (Exception, Died):  # noqa: BLE001 - SQS does not care why
                self.follow_ups.request(posting_id)

    def resolve(self) -> None:
        """Follow up whatever is due, failures and all."""
        resolver, now = self._resolver(), self.clock.now()
        for posting_id in [one.posting_id for one in self.intents.listed(due_by=now) if needs_follow_up(one, now=now)]:
            resolver.resolve(posting_id)

    def _resolver(self) -> PostingResolver:
        intents = cast("PostingIntents", self._watch("intents", self.intents))
        master_data = cast("MasterData", self._watch("master_data", self.books))
        return PostingResolver(
            intents=intents,
            erps=self._erps(),
            requests=cast("PostingRequests", self._watch("follow_ups", self.follow_ups)),
            redater=Redater(intents=intents, repairs=self._repairs(), master_data=master_data, clock=self.clock),
            accruer=Accruer(
                intents=intents,
                accruals=cast("Accruals", self._watch("accruals", InMemoryAccruals(self.intents))),
                periods=cast("AccountingPeriods", self._watch("periods", InMemoryAccountingPeriods(self.intents))),
                master_data=master_data,
                announcer=self._announcer(),
                clock=self.clock,
            ),
            master_data=master_data,
            receivables=cast("Receivables", self._watch("receivables", self.receivables)),
            announcer=self._announcer(),
            clock=self.clock,
        )

    def relay(self) -> None:
        relay_postings(
            self.clock.now(),
            intents=cast("PostingIntents", self._watch("intents", self.intents)),
            to_be_sent=cast("Asking", AskingForAll(self._watch("requests", self))),
            to_be_followed_up=cast("Asking", AskingForAll(self._watch("follow_ups", self.follow_ups))),
            documents=cast("DocumentRequests", self._watch("documents", self.documents)),
            announcer=self._announcer(),
        )

    def refused(self) -> list[PostingIntent]:
        """Return the refused postings in whose place there is none yet."""
        return [one for one in self.all_intents() if one.state is IntentState.REJECTED and one.replaced_by is None]

    def repair(
        self,
        posting_id: PostingId,
        *,
        by: str = "fred",
        meanwhile: Callable[[], Any] | None = None,
        anew: Document | None = None,
    ) -> Repair:
        """Have a person send a refused document again, composed `anew` or as it was, while something else happens."""
        repairer = PostingRepairer(
            intents=cast("PostingIntents", self._watch("intents", self.intents)),
            repairs=self._repairs(),
            erps=self._erps(),
            requests=cast("PostingRequests", self._watch("requests", self)),
            compose=self._composing(anew or self.intents.chain(posting_id)[-1].document, meanwhile),
            clock=self.clock,
        )
        return repairer.repair(posted_name(posting_id), asked_by=by, send=True)

    def mark_posted(self, posting_id: PostingId, booking: HandBooking, *, by: str = "fred") -> Adopted:
        """Have a person take a refused document for posted."""
        return self._settler(posting_id).mark_posted(posted_name(posting_id), booking, asked_by=by, send=True)

    def cancel(self, posting_id: PostingId, *, reason: str = "nobody needs it", by: str = "fred") -> Cancelled:
        """Have a person give a document up."""
        return self._settler(posting_id).cancel(posted_name(posting_id), reason=reason, asked_by=by, send=True)

    def _settler(self, posting_id: PostingId) -> HandSettler:
        return HandSettler(
            intents=cast("PostingIntents", self._watch("intents", self.intents)),
            repairs=self._repairs(),
            erps=self._erps(),
            compose=self._composing(self.intents.chain(posting_id)[-1].document),
            clock=self.clock,
        )

    def _repairs(self) -> PostingRepairs:
        return cast("PostingRepairs", self._watch("repairs", InMemoryPostingRepairs(self.intents)))

    def _composing(
        self, document: Document, meanwhile: Callable[[], Any] | None = None
    ) -> Callable[[PostedName], Composed]:
        def compose(_: PostedName) -> Composed:
            if meanwhile is not None:
                meanwhile()
            return Composed(document=document, invoice=None)

        return compose

    def tick(self) -> None:
        """Let five minutes pass, and everything that is triggered then run once."""
        self.clock.instant += TICK
        self.deliver()
        with suppress(Died):  # the schedule comes again
            self.relay()
        self.follow_up()

    def run_to_rest(self, *, until: datetime) -> bool:
        """Tick until nobody has anything left to do; pass over hours in which nothing is due. False: not by then."""
        while self.clock.instant < until:
            open_ones = [intent.due_at for intent in self.intents.all() if intent.needs_action]
            if not open_ones and not self.queue:
                return True
            if not self.queue:
                next_due = min([*open_ones, *(arrives_at for arrives_at, _ in self.delayed)])
                idle = (next_due - self.clock.instant) // TICK - 1
                self.clock.instant += max(0, idle) * TICK
            self.tick()
        return False

    def run_until_settled(self) -> None:
        """Tick until every posting is settled and told; a world that does not get there fails the test."""
        self.deliver()
        for _ in range(MAX_TICKS):
            if all(self._is_over(one) for one in self.all_intents()):
                return
            self.tick()
        raise AssertionError(f"stuck: {[intent for intent in self.all_intents() if not intent.answered]}")

    def _is_over(self, one: PostingIntent) -> bool:
        return one.state.settled and one.answered and not one.awaits_redating and not one.awaits_accrual

    def all_intents(self) -> list[PostingIntent]:
        return list(self.intents.all())

    def intent(self) -> PostingIntent:
        (intent,) = self.all_intents()
        return intent

    def _let_arrive(self) -> None:
        now = self.clock.now()
        self.queue += [message for at, message in self.delayed if at <= now]
        self.delayed = [(at, message) for at, message in self.delayed if at > now]

    def _erps(self) -> ErpsInTurn:
        if self._real_erps is not None:
            return ErpsInNoLine(self._real_erps)
        watched = cast("FakeErp", self._watch("erp", self.erp))
        return OneErp(watched, self.not_called, books=self.books.erp.books)

    def _announcer(self) -> PostingAnnouncer:
        return cast("PostingAnnouncer", self._watch("announcer", self.told))
