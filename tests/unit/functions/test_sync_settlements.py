"""What ERPs say was paid comes home: page by page, once, and nothing of it is lost when somebody dies."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from functions.sync_settlements.use_case import WORKS_FOR, SettlementsNotReadError, SettlementSync
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import ExternalRef, LegalEntityId, PostingId
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.outcome import ErpRef, LookupFailed
from shared.domain.posting.pacing import NotCalled
from shared.domain.posting.readings import NotSupported, Settlement, SettlementPage, Settlements, SettlementStatus
from shared.domain.receivables.books_reading import BooksReading
from shared.domain.receivables.receivable import TakenBack, findings, receivable
from shared.domain.resolution import Resolution
from shared.ports.erp import ReadableErp
from tests.builders.posting import BOOKS, GERMANY, TENANT, a_credit_memo, a_document, an_intent, eur
from tests.fakes.fake_erp import LOOKUP_SPACING, ONE_STEP, Behaviour
from tests.fakes.in_memory_credit_notes import InMemoryCreditNotes
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter, InMemoryExceptionStore
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents
from tests.fakes.in_memory_receivables import InMemoryReceivables
from tests.fakes.posting_world import PostingWorld, SimulatedClock

AMERICA = LegalEntityId("acme-inc")
ACME = a_document()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TWO_O_CLOCK = NOON + timedelta(hours=2)
PARTLY = Settlement(
    external_ref=ACME.external_ref,
    kind=DocumentKind.INVOICE,
    erp_number="PS-INV103001",
    status=SettlementStatus.PARTLY_PAID,
    open_amount=eur("428.68"),
    changed_at=NOON,
)
POSTED = replace(an_intent(ACME), state=IntentState.POSTED, erp_ref=ErpRef("103001"), erp_number="PS-INV103001")
PAID = replace(PARTLY, status=SettlementStatus.PAID, open_amount=eur("0.00"), changed_at=NOON + timedelta(minutes=10))
VOIDED = replace(PAID, status=SettlementStatus.VOIDED, changed_at=NOON + timedelta(minutes=20))


@dataclass(slots=True)
class TellingErp:
    """Tells its changes one a page; the cursor is how many were told."""

    changes: Sequence[Settlement] = ()
    answer: Settlements | None = None
    asked: list[str] = field(default_factory=list)
    clock: SimulatedClock | None = None
    a_page_takes: timedelta = timedelta(0)

    def settlements(self, cursor: str) -> Settlements:
        self.asked.append(cursor)
        if self.clock is not None:
            self.clock.instant += self.a_page_takes
        if self.answer is not None:
            return self.answer
        start = int(cursor or 0)
        page = tuple(self.changes[start : start + 1])
        told = start + len(page)
        return SettlementPage(settlements=page, next_cursor=str(told), complete=told == len(self.changes))


class World:
    def __init__(self, **erps: TellingErp) -> None:
        self.erps = {LegalEntityId(name.replace("_", "-")): erp for name, erp in erps.items()}
        self.receivables = InMemoryReceivables()
        self.exceptions = InMemoryExceptionReporter()
        self.store = InMemoryExceptionStore(TENANT)
        self.notes = InMemoryCreditNotes()
        self.intents = InMemoryPostingIntents()
        self.intents.add(POSTED)
        self.not_called: dict[LegalEntityId, NotCalled] = {}
        self.left_alone: dict[LegalEntityId, NotCalled] = {}
        self.behind: Sequence[LegalEntityId] = ()
        self.books = BOOKS
        self.clock = SimulatedClock(TWO_O_CLOCK)
        self.turns = 0

    def erp_for(self, legal_entity_id: LegalEntityId) -> ReadableErp:
        return cast("ReadableErp", self.erps[legal_entity_id])

    def erp_and_books(self, legal_entity_id: LegalEntityId) -> tuple[ReadableErp, str]:
        return self.erp_for(legal_entity_id), self.books

    def reading_turn(self, legal_entity_id: LegalEntityId) -> AbstractContextManager[NotCalled | None]:
        self.turns += 1
        return nullcontext(self.not_called.get(legal_entity_id))

    @property
    def settlements(self) -> SettlementSync:
        return SettlementSync(
            tenant=TENANT,
            erps=self,
            intents=self.intents,
            notes=self.notes,
            receivables=self.receivables,
            exceptions=self.exceptions,
            known=self.store,
            clock=self.clock,
        )

    def sync(self) -> int:
        """Return how many documents stand otherwise."""
        read = self.settlements.sync(self.erps)
        self.left_alone = dict(read.left_alone)
        self.behind = read.behind
        return read.changed

    def tick(self) -> Sequence[LegalEntityId]:
        """Read those whose turn it is by the clock, and return who they were."""
        due = self.settlements.due(self.erps, at=self.clock.now())
        self.behind = self.settlements.sync(due).behind
        return due

    def is_slow(self, name: LegalEntityId, *, pages: int, a_page_takes: timedelta) -> TellingErp:
        """Have an ERP that tells so many changes of a person's, one a page, and takes its time for each."""
        theirs = replace(PAID, external_ref="of a person's")
        self.erps[name] = TellingErp([theirs] * pages, clock=self.clock, a_page_takes=a_page_takes)
        return self.erps[name]

    def stands(self) -> tuple[SettlementStatus, str]:
        receivable = self.receivables.read(GERMANY, ACME.posting_id)
        assert receivable is not None
        return receivable.status, str(receivable.open_amount)

    def hold(self, postings: Sequence[PostingIntent]) -> None:
        """Have these postings, and no others."""
        self.intents = InMemoryPostingIntents()
        for one in postings:
            self.intents.add(one)

    def open_codes(self) -> set[ExceptionCode]:
        return {record.code for record in self.exceptions.open.values()}


def test_a_payment_in_parts_closes_the_invoice_here() -> None:
    erp = TellingErp([PARTLY])
    world = World(acme_gmbh=erp)

    assert world.sync() == 1
    assert world.stands() == (SettlementStatus.PARTLY_PAID, "428.68 EUR")

    erp.changes = [PARTLY, PAID]
    assert world.sync() == 1
    assert world.stands() == (SettlementStatus.PAID, "0.00 EUR")
    assert erp.asked == ["", "1"]
    assert world.sync() == 0


@pytest.mark.parametrize(
    ("left", "credited", "stands"),
    [
        ("-50.00", None, SettlementStatus.PAID),
        ("-1428.68", "0.00", SettlementStatus.PAID),
        ("0.00", None, SettlementStatus.PAID),
        ("-20.00", "119.00", SettlementStatus.CREDITED),
    ],
)
@pytest.mark.parametrize("called", [SettlementStatus.OPEN, SettlementStatus.PARTLY_PAID])
def test_what_is_paid_beyond_an_invoice_is_owed_by_nobody(
    called: SettlementStatus, left: str, credited: str | None, stands: SettlementStatus
) -> None:
    overpaid = replace(PARTLY, status=called, open_amount=eur(left), credited=eur(credited) if credited else None)
    world = World(acme_gmbh=TellingErp([overpaid]))

    world.sync()

    assert world.stands() == (stands, "0.00 EUR")


def test_a_page_that_is_told_again_changes_nothing() -> None:
    world = World(acme_gmbh=TellingErp([PAID]))
    world.sync()

    world.receivables.save_reading(GERMANY, BOOKS, BooksReading())

    assert world.sync() == 0
    assert world.stands() == (SettlementStatus.PAID, "0.00 EUR")


def test_other_books_are_read_from_their_beginning() -> None:
    old, new = TellingErp([PARTLY, PARTLY]), TellingErp([PAID])
    world = World(acme_gmbh=old)
    world.sync()

    world.erps[GERMANY] = new
    world.books = "netsuite/acme-gmbh/7"
    world.sync()

    assert new.asked == [""]
    assert world.stands() == (SettlementStatus.PAID, "0.00 EUR")


def test_whoever_dies_before_the_cursor_moves_reads_the_page_again() -> None:
    class DyingOnce(InMemoryReceivables):
        died = False

        def save_reading(self, legal_entity_id: LegalEntityId, books: str, reading: BooksReading) -> None:
            if reading.cursor and not self.died:
                self.died = True
                raise KeyboardInterrupt
            super().save_reading(legal_entity_id, books, reading)

    world = World(acme_gmbh=TellingErp([PARTLY, PAID]))
    world.receivables = DyingOnce()

    with pytest.raises(KeyboardInterrupt):
        world.sync()
    world.sync()

    assert world.stands() == (SettlementStatus.PAID, "0.00 EUR")


def test_a_document_voided_in_the_erp_is_a_finding_until_it_stands_again() -> None:
    erp = TellingErp([VOIDED])
    world = World(acme_gmbh=erp)

    world.sync()
    assert world.open_codes() == {ExceptionCode.VOIDED_IN_ERP}

    erp.changes = [VOIDED, replace(PARTLY, changed_at=NOON + timedelta(hours=1))]
    world.sync()
    assert world.open_codes() == set()


@pytest.mark.parametrize("dated", [timedelta(hours=-13), timedelta(hours=14)])
def test_a_finding_is_as_old_as_our_look_at_it_whatever_time_it_has_in_the_erp(dated: timedelta) -> None:
    stranger = replace(PAID, external_ref="AAAABBBBCCCCDDDD", changed_at=TWO_O_CLOCK + dated)
    world = World(acme_gmbh=TellingErp([replace(VOIDED, changed_at=TWO_O_CLOCK + dated), stranger]))

    world.sync()

    assert world.open_codes() == {ExceptionCode.VOIDED_IN_ERP, ExceptionCode.UNKNOWN_IN_ERP}
    assert {record.raised_at for record in world.exceptions.reported} == {TWO_O_CLOCK}


def test_a_document_of_nobody_here_is_told_once_though_it_changes_there_and_another_one_is_told_too() -> None:
    stranger = replace(PAID, external_ref="AAAABBBBCCCCDDDD")
    erp = TellingErp([stranger])
    world = World(acme_gmbh=erp)
    world.sync()
    (found,) = world.exceptions.reported
    world.store.open(found)
    world.store.resolve(
        Resolution(exception_id=found.exception_id, tenant=TENANT, resolution="fred's", resolved_at=TWO_O_CLOCK)
    )

    erp.changes = [stranger, stranger, replace(stranger, changed_at=TWO_O_CLOCK + timedelta(days=1))]
    world.sync()
    assert world.exceptions.reported == [found]

    erp.changes = [*erp.changes, replace(stranger, erp_number="PS-INV103002")]  # a copy of it, on the same day
    world.sync()
    assert [one.subject for one in world.exceptions.reported[1:]] == ["AAAABBBBCCCCDDDD/PS-INV103002"]


def test_a_voided_document_that_changes_again_opens_nothing_that_a_person_has_closed() -> None:
    erp = TellingErp([VOIDED])
    world = World(acme_gmbh=erp)
    world.sync()
    found = len(world.exceptions.reported)

    erp.changes = [VOIDED, replace(VOIDED, changed_at=VOIDED.changed_at + timedelta(days=1))]
    assert world.sync() == 1

    assert len(world.exceptions.reported) == found


def a_memo(request: str, state: IntentState, number: str) -> PostingIntent:
    document = a_credit_memo(of_invoice="15", posting_id=f"{ACME.posting_id}/credit/{request}", number=number)
    return replace(an_intent(document), state=state, erp_number="16-7" if state is IntentState.POSTED else None)


def test_a_memo_that_the_erp_refused_takes_nothing_back_there_and_a_credit_of_a_part_does() -> None:
    void = a_memo("void", IntentState.REJECTED, "DE-CN-000002")
    part = a_memo("sla-7", IntentState.POSTED, "DE-CN-000001")

    def told(*memos: PostingIntent, is_voided: bool) -> list[str]:
        standing = receivable(an_intent(ACME), VOIDED)
        return [
            one.message.partition("acme-gmbh, ")[2]
            for one in findings(standing, TakenBack(memos=memos, is_voided=is_voided), looked_at=NOON)
        ]

    assert told(void, is_voided=True) == []
    assert told(void, part, is_voided=True) == ["and is taken back there once more by DE-CN-000001 (16-7)"]
    assert told(part, is_voided=False) == [
        "and still stands here and is taken back there once more by DE-CN-000001 (16-7)"
    ]


DOUBLE = replace(PARTLY, erp_number="PS-INV103002", status=SettlementStatus.OPEN, open_amount=eur("1428.68"))


def test_the_double_that_finance_reverses_there_leaves_our_invoice_as_it_stands() -> None:
    reversed_double = replace(VOIDED, erp_number=DOUBLE.erp_number)
    world = World(acme_gmbh=TellingErp([PARTLY, reversed_double]))

    assert world.sync() == 1

    assert world.stands() == (SettlementStatus.PARTLY_PAID, "428.68 EUR")
    assert world.exceptions.reported == []


@pytest.mark.parametrize("state", [IntentState.UNKNOWN, IntentState.REJECTED])
def test_what_finance_reverses_since_it_is_told_of_a_conflict_is_not_taken_for_our_invoice(state: IntentState) -> None:
    in_conflict = replace(POSTED, state=state, erp_number=None, problem=ExceptionCode.POSTING_CONFLICT)
    world = World(acme_gmbh=TellingErp([replace(VOIDED, erp_number=DOUBLE.erp_number)]))
    world.hold([in_conflict])

    assert world.sync() == 0

    assert world.exceptions.reported == []


def test_a_double_is_told_once_and_closes_once_it_is_reversed_there() -> None:
    erp = TellingErp([PARTLY, DOUBLE])
    world = World(acme_gmbh=erp)
    world.sync()
    (found,) = world.exceptions.reported
    assert found.subject == f"{ACME.external_ref}/PS-INV103002"
    assert found.message == (
        f"the ERP of acme-gmbh has PS-INV103002 with the key {ACME.external_ref},"
        " of acme-2026/2026-10/r1, which is posted as PS-INV103001"
    )
    world.store.open(found)

    erp.changes = [*erp.changes, replace(DOUBLE, changed_at=NOON + timedelta(hours=1))]
    world.sync()
    assert world.exceptions.reported == [found]

    erp.changes = [*erp.changes, replace(DOUBLE, status=SettlementStatus.VOIDED)]
    world.sync()
    assert world.open_codes() == set()
    assert world.stands() == (SettlementStatus.PARTLY_PAID, "428.68 EUR")


UNSEEN = replace(POSTED, erp_ref=None)
REPLACED = replace(POSTED, state=IntentState.REJECTED, replaced_by=PostingId(f"{ACME.posting_id}/p2"))
SECOND = replace(
    POSTED,
    posting_id=PostingId(f"{ACME.posting_id}/p2"),
    external_ref=ExternalRef("AAAABBBBCCCCDDDD"),
    erp_number="PS-INV103009",
)


@pytest.mark.parametrize(
    ("postings", "said"),
    [
        pytest.param([replace(POSTED, state=IntentState.CANCELLED)], "which was given up", id="given up"),
        pytest.param([replace(POSTED, state=IntentState.INTENT)], "which is unsent", id="unsent"),
        pytest.param([replace(UNSEEN, erp_number="SI-4711")], "which is posted as SI-4711", id="booked by hand unseen"),
        pytest.param([REPLACED, SECOND], "which is posted as PS-INV103009", id="repaired"),
        pytest.param(
            [REPLACED, replace(SECOND, state=IntentState.SENDING)],
            "of one that acme-2026/2026-10/r1/p2, which is on its way, has replaced",
            id="being repaired",
        ),
    ],
)
def test_what_the_erp_has_beside_a_posting_or_in_spite_of_it_is_a_finding(
    postings: Sequence[PostingIntent], said: str
) -> None:
    world = World(acme_gmbh=TellingErp([PAID]))
    world.hold(postings)

    assert world.sync() == 0

    (found,) = world.exceptions.open.values()
    assert (found.code, said in found.message) == (ExceptionCode.UNKNOWN_IN_ERP, True)


@pytest.mark.parametrize(
    "posting",
    [
        pytest.param(replace(POSTED, state=IntentState.UNKNOWN, erp_number=None), id="its answer was lost"),
        pytest.param(replace(POSTED, state=IntentState.REJECTED, erp_number=None), id="booked by hand, to be repaired"),
        pytest.param(replace(POSTED, erp_number=""), id="posted without a number"),
        pytest.param(
            replace(POSTED, document=replace(ACME, human_number="PS-INV103001"), erp_number="INV7"),
            id="our number was written into the ERP",
        ),
        pytest.param(replace(UNSEEN, erp_number="inv 103001"), id="booked by hand unseen, without the prefix"),
        pytest.param(replace(UNSEEN, erp_number="PS-INV103001/2026"), id="booked by hand unseen, with the year"),
    ],
)
def test_what_may_be_the_posting_is_taken_for_it(posting: PostingIntent) -> None:
    world = World(acme_gmbh=TellingErp([PAID]))
    world.hold([posting])

    assert world.sync() == 1

    assert world.exceptions.reported == []


def test_what_was_booked_with_the_key_of_an_earlier_refusal_is_noted_of_the_posting_that_took_it_over() -> None:
    world = World(acme_gmbh=TellingErp([PAID]))
    world.hold([REPLACED, replace(SECOND, state=IntentState.SENDING)])
    world.sync()
    (found,) = world.exceptions.reported
    world.store.open(found)
    assert world.receivables.read(GERMANY, SECOND.posting_id) is None

    world.hold([REPLACED, replace(SECOND, erp_number=PAID.erp_number)])
    world.receivables.save_reading(GERMANY, BOOKS, BooksReading())
    world.sync()

    assert world.open_codes() == set()
    noted = world.receivables.read(GERMANY, SECOND.posting_id)
    assert noted is not None
    assert noted.status is SettlementStatus.PAID


def test_a_credit_memo_of_what_was_taken_over_and_voided_there_is_not_sent() -> None:
    outbox = PostingWorld()
    outbox.erp.does = ONE_STEP
    outbox.erp.behave(Behaviour.REFUSE_MAPPING, Behaviour.REFUSE_MAPPING)
    outbox.issue()
    for _ in range(2):
        outbox.deliver()
        outbox.clock.instant += LOOKUP_SPACING
        outbox.repair(ACME.posting_id)
    outbox.erp.book_by_hand(ACME)  # with the key of the first refusal
    outbox.repair(ACME.posting_id)
    world = World(acme_gmbh=TellingErp([replace(VOIDED, erp_number="SI-doc-1")]))
    world.intents, world.receivables = outbox.intents, outbox.receivables

    world.sync()
    memo = outbox.issue(an_intent(a_credit_memo(of_invoice="doc-1")))
    outbox.deliver()

    refused = outbox.intents.read(memo.posting_id)
    assert refused is not None
    assert (refused.state, refused.problem) == (IntentState.REJECTED, ExceptionCode.VOIDED_IN_ERP)


def test_two_legal_entities_that_share_a_company_are_told_of_each_document_once() -> None:
    world = World(acme_gmbh=TellingErp([VOIDED]), acme_inc=TellingErp([VOIDED]))

    assert world.sync() == 1

    assert [record.code for record in world.exceptions.reported] == [ExceptionCode.VOIDED_IN_ERP]


def test_a_document_with_a_key_of_our_form_that_nobody_posted_is_a_finding() -> None:
    world = World(acme_gmbh=TellingErp([replace(PAID, external_ref="AAAABBBBCCCCDDDD")]))

    assert world.sync() == 0

    assert world.open_codes() == {ExceptionCode.UNKNOWN_IN_ERP}


def test_a_credit_memo_that_took_the_key_of_our_invoice_along_is_not_taken_for_the_invoice() -> None:
    taken_back = replace(PAID, kind=DocumentKind.CREDIT_MEMO, changed_at=VOIDED.changed_at + timedelta(seconds=1))
    world = World(acme_gmbh=TellingErp([VOIDED, taken_back]))

    assert world.sync() == 1

    assert world.stands() == (SettlementStatus.VOIDED, "0.00 EUR")
    assert world.open_codes() == {ExceptionCode.VOIDED_IN_ERP}


def test_documents_of_other_integrations_are_passed_over() -> None:
    world = World(acme_gmbh=TellingErp([replace(PAID, external_ref="shop-4711")]))

    assert world.sync() == 0

    assert world.open_codes() == set()


def test_an_erp_that_does_not_answer_keeps_no_other_waiting() -> None:
    silent = TellingErp(answer=LookupFailed("status 503"))
    world = World(acme_inc=silent, acme_gmbh=TellingErp([PAID]))

    with pytest.raises(ExceptionGroup) as raised:
        world.sync()

    (failure,) = raised.value.exceptions
    assert isinstance(failure, SettlementsNotReadError)
    assert str(failure) == "acme-inc: status 503"
    assert world.stands() == (SettlementStatus.PAID, "0.00 EUR")


def test_an_erp_that_shows_no_receivables_has_none_here() -> None:
    world = World(acme_gmbh=TellingErp(answer=NotSupported("it shows none")))

    assert world.sync() == 0
    assert list(world.receivables.of(GERMANY)) == []


def test_an_erp_whose_turn_does_not_come_keeps_no_other_waiting_and_is_read_at_the_next_tick() -> None:
    american = TellingErp()
    world = World(acme_inc=american, acme_gmbh=TellingErp([PAID]))
    world.not_called = {AMERICA: NotCalled(NOON, "the ERP takes no more calls for now")}

    assert world.sync() == 1
    assert world.left_alone == world.not_called
    assert american.asked == []

    world.not_called = {}
    assert world.sync() == 0
    assert american.asked == [""]


def test_a_run_reads_as_many_pages_as_it_has_time_for_and_the_next_one_goes_on() -> None:
    world = World()
    erp = world.is_slow(GERMANY, pages=1_000, a_page_takes=timedelta(seconds=1))

    world.sync()

    assert world.clock.now() - TWO_O_CLOCK == WORKS_FOR
    assert len(erp.asked) == world.turns == WORKS_FOR.total_seconds()  # others post between two pages
    assert world.behind == (GERMANY,)
    world.sync()
    world.sync()
    assert erp.asked == [str(place or "") for place in range(1_000)]
    assert list(world.behind) == []


def test_an_erp_with_a_backlog_takes_its_share_of_a_run_and_what_others_leave() -> None:
    world = World()
    last = LegalEntityId("acme-sa")
    far_behind = world.is_slow(AMERICA, pages=1_000, a_page_takes=timedelta(seconds=1))
    slow = world.is_slow(GERMANY, pages=2, a_page_takes=timedelta(seconds=30))
    too = world.is_slow(last, pages=1_000, a_page_takes=timedelta(seconds=1))

    world.sync()

    assert len(slow.asked) == 2
    assert [len(far_behind.asked), len(too.asked)] == [140, 220]
    assert world.behind == (AMERICA, last)
    assert world.clock.now() - TWO_O_CLOCK == WORKS_FOR


def test_an_erp_whose_pages_take_longer_than_its_share_keeps_no_other_from_a_page_for_ever() -> None:
    world = World()
    world.is_slow(AMERICA, pages=1_000, a_page_takes=WORKS_FOR)
    world.erps[GERMANY] = TellingErp([PAID])

    world.tick()
    assert world.erps[GERMANY].asked == []
    assert world.tick() == [GERMANY, AMERICA]
    assert world.stands() == (SettlementStatus.PAID, "0.00 EUR")


def test_an_erp_is_asked_an_hour_after_its_last_pass_began_and_at_every_tick_while_one_is_under_way() -> None:
    world = World(acme_gmbh=TellingErp([PAID]))
    world.is_slow(AMERICA, pages=1_000, a_page_takes=timedelta(seconds=1))
    assert world.tick() == [GERMANY, AMERICA]

    world.clock.instant = TWO_O_CLOCK + timedelta(minutes=10)
    assert world.tick() == [AMERICA]
    world.clock.instant = TWO_O_CLOCK + timedelta(minutes=20)
    assert world.tick() == [AMERICA]
    assert world.behind == ()

    world.clock.instant = TWO_O_CLOCK + timedelta(minutes=50)
    assert world.tick() == []
    world.clock.instant = TWO_O_CLOCK + timedelta(minutes=60)
    assert world.tick() == [GERMANY, AMERICA]


def test_all_is_known_as_of_when_the_last_complete_pass_began() -> None:
    world = World()
    world.is_slow(GERMANY, pages=600, a_page_takes=timedelta(seconds=1))
    assert world.settlements.as_of(world.erps) == {}

    world.tick()
    assert world.settlements.as_of(world.erps) == {GERMANY: TWO_O_CLOCK}


def test_a_legal_entity_without_an_erp_keeps_no_other_waiting() -> None:
    world = World(acme_gmbh=TellingErp([PAID]))

    due = world.settlements.due([LegalEntityId("nobody"), GERMANY], at=world.clock.now())
    with pytest.raises(ExceptionGroup):
        world.settlements.sync(due)

    assert world.stands() == (SettlementStatus.PAID, "0.00 EUR")
