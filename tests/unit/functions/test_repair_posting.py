"""A refused invoice or credit memo is put right: what is shown, what is sent, and what is refused in words."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from functions.post_to_erp.use_case import post_to_erp
from functions.repair_posting.composing import Composed, Composer
from functions.repair_posting.use_case import PostingRepairer
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import PostingId
from shared.domain.invoicing.billing_progress import BillingProgress
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.credit_note_issue import drafted, numbered
from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.invoicing.numbering import InvoiceSeries, advanced
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.compose import compose
from shared.domain.posting.compose_credit_memo import compose_credit_memo
from shared.domain.posting.intent import IntentState, PostingIntent, PostingRequest, new_intent
from shared.domain.posting.journal import Document
from shared.domain.posting.names import PostedName, posted_name
from shared.domain.posting.outcome import ErpRef
from shared.domain.posting.repair import Adopted, Repair, RepairRefusedError, Replaced
from shared.ports.credit_notes import StoredCreditNote
from shared.ports.invoices import StoredInvoice
from tests.builders.billing import ACME, catalog, contract, nimbus, published
from tests.builders.credit_notes import NOON, a_line, a_request, an_issued_invoice
from tests.builders.posting import a_journal, billed
from tests.fakes.fake_erp import LOOKUP_SPACING, Behaviour, FakeErp, OneErp
from tests.fakes.in_memory_billing_accounts import InMemoryBillingProgresses
from tests.fakes.in_memory_credit_notes import InMemoryCreditNotes
from tests.fakes.in_memory_invoices import InMemoryInvoices
from tests.fakes.in_memory_posting_repairs import InMemoryPostingRepairs
from tests.fakes.in_memory_receivables import InMemoryReceivables
from tests.fakes.posting_world import Told
from tests.fakes.steady_clock import SteadyClock

INVOICE = replace(an_issued_invoice(a_line("calls", "100.00", rate="0.19", code="DE-19")), state=InvoiceState.ISSUED)
NAME = "c-acme/2026-10"
FIRST, SECOND = PostingId(f"{NAME}/r1"), PostingId(f"{NAME}/r1/p2")
ENTITY = nimbus()
NOVEMBER_2026 = "2026-11"


class World:
    """Acme's October invoice, and its ERP; `document` is what has been sent of it."""

    def __init__(self) -> None:
        self.erp = FakeErp(lambda: NOON)
        self.told = Told()
        self.clock = SteadyClock(NOON)
        self.invoices = InMemoryInvoices()
        self.intents = self.invoices.intents
        self.notes = InMemoryCreditNotes(self.invoices)
        self.progresses = InMemoryBillingProgresses()
        self.progresses.save_many([BillingProgress(contract_id=INVOICE.contract_id, periods=1, calendar="")])
        self.queue: list[PostingId] = []
        self.invoices.save(StoredInvoice(invoice=INVOICE, version=1))
        self.publish(ENTITY)
        self.issue(compose(INVOICE, contract=contract(), customer=ACME, entity=ENTITY))

    def publish(self, entity: Any) -> None:
        self.master_data = published(catalog(entity=entity))

    def issue(self, document: Document) -> None:
        self.intents.add(new_intent(document, created_at=NOON))

    def issue_credit(self) -> PostingId:
        """Credit the posted invoice whole."""
        self.post(FIRST)
        series = InvoiceSeries(legal_entity_id=ENTITY.legal_entity_id, prefix="CN-")
        draft = drafted(a_request(INVOICE), INVOICE, [])
        note: CreditNote = numbered(draft, advanced(series, today=NOON.date()))
        self.notes.save(StoredCreditNote(note=note, version=1))
        self.issue(compose_credit_memo(note, invoice_in_erp=ErpRef("doc-1"), customer=ACME, entity=ENTITY))
        return PostingId(note.credit_note_id)

    def request(self, posting_id: PostingId, *, after: timedelta = timedelta(0)) -> None:
        self.queue.append(posting_id)

    def post(self, posting_id: PostingId, *behaviours: Behaviour, token: str | None = None) -> PostingIntent:
        self.erp.behave(*behaviours)
        return post_to_erp(
            PostingRequest(posting_id=posting_id, task_token=token),
            self.intents,
            receivables=InMemoryReceivables(),
            master_data=self.master_data,
            erps=OneErp(self.erp),
            requests=self,
            announcer=self.told,
            clock=self.clock,
        )

    def refuse(self, *behaviours: Behaviour) -> None:
        """Have the ERP refuse the invoice, and the invoice know of it."""
        self.post(FIRST, *(behaviours or (Behaviour.REFUSE_PERIOD,)))
        failed = replace(INVOICE, state=InvoiceState.POSTING_FAILED)
        self.invoices.save(StoredInvoice(invoice=failed, version=2))

    def composer(self, name: PostedName) -> Composed:
        return Composer(invoices=self.invoices, notes=self.notes, intents=self.intents, master_data=self.master_data)(
            name
        )

    def repair(
        self,
        name: str = NAME,
        *,
        send: bool = True,
        by: str = "fred@nimbus.example",
        compose: Callable[[PostedName], Composed] | None = None,
    ) -> Repair:
        repairer = PostingRepairer(
            intents=self.intents,
            repairs=InMemoryPostingRepairs(self.intents, self.invoices, self.progresses),
            erps=OneErp(self.erp),
            requests=self,
            compose=compose or self.composer,
            clock=SteadyClock(self.clock.now() + LOOKUP_SPACING),
        )
        return repairer.repair(posted_name(name), asked_by=by, send=send)

    def state(self) -> InvoiceState:
        stored = self.invoices.read(INVOICE.invoice_id, 1)
        assert stored is not None
        return stored.invoice.state

    def unsettled(self, month: str = NOVEMBER_2026) -> int:
        return self.intents.accounting_period(ENTITY.legal_entity_id, month).unsettled


@pytest.fixture
def world() -> World:
    return World()


def test_a_refused_invoice_is_sent_again_under_another_key_and_is_posted_once(world: World) -> None:
    world.refuse()

    repair = world.repair()
    assert world.queue == [SECOND]
    posted = world.post(SECOND)

    assert isinstance(repair, Replaced)
    assert (posted.posting_id, posted.state) == (SECOND, IntentState.POSTED)
    assert [document.posting_id for document in world.erp.posted_documents()] == [SECOND]
    assert world.told.open_codes() == set()
    assert (world.state(), world.unsettled()) == (InvoiceState.ISSUED, 0)
    (progress,) = world.progresses.read_many([INVOICE.contract_id]).values()
    assert progress.periods == 0  # the next bill run completes the invoice


def test_shown_only_nothing_is_stored_and_nothing_is_asked_of_anybody(world: World) -> None:
    world.refuse()

    shown = world.repair(send=False)

    assert isinstance(shown, Replaced)
    assert world.intents.chain(FIRST)[0].replaced_by is None
    assert (world.queue, world.state(), world.unsettled()) == ([], InvoiceState.POSTING_FAILED, 0)


def test_it_is_composed_anew_by_what_is_published_now(world: World) -> None:
    world.refuse()
    world.publish(replace(ENTITY, closed_through=date(2026, 11, 30)))

    repair = world.repair()

    assert isinstance(repair, Replaced)
    assert repair.differences == ("posting_date: 2026-11-03 -> 2026-12-01",)
    assert repair.posting.document.document_date == INVOICE.invoice_date
    assert (world.unsettled("2026-11"), world.unsettled("2026-12")) == (0, 1)


def test_asked_for_twice_it_is_sent_once(world: World) -> None:
    world.refuse()
    world.repair()

    again = world.repair()
    assert (again.posting.posting_id, again.is_repeat) == (SECOND, True)
    for posting_id in world.queue:
        world.post(posting_id)

    assert world.queue == [SECOND, SECOND]
    assert len(world.erp.held) == 1
    with pytest.raises(RepairRefusedError, match="r1/p2 is posted, as SI-doc-1: a credit note or a void takes it back"):
        world.repair()


def test_what_is_refused_again_is_repaired_again(world: World) -> None:
    world.refuse()
    world.repair()
    world.post(SECOND, Behaviour.REFUSE_MAPPING)
    assert world.told.open_codes() == {ExceptionCode.MAPPING_MISSING}

    third = world.repair().posting

    assert world.post(third.posting_id).state is IntentState.POSTED
    assert (third.posting_id, len(world.erp.held)) == (f"{NAME}/r1/p3", 1)
    assert world.told.open_codes() == set()


def test_the_draft_that_a_refusal_has_left_goes_before_another_is_sent(world: World) -> None:
    world.refuse(Behaviour.WORK, Behaviour.REFUSE_PERIOD)
    world.repair(send=False)
    assert len(world.erp.held) == 1

    world.repair()
    world.post(SECOND)

    assert [held.document.posting_id for held in world.erp.held] == [SECOND]


def test_a_draft_that_stays_is_a_persons(world: World) -> None:
    world.refuse(Behaviour.WORK, Behaviour.REFUSE_PERIOD)
    world.erp.behave(Behaviour.LOSE_REQUEST)

    with pytest.raises(RepairRefusedError, match=r"the ERP keeps document doc-1, .* delete it there"):
        world.repair()

    assert (world.queue, world.state()) == ([], InvoiceState.POSTING_FAILED)


def test_what_was_booked_by_hand_with_our_key_is_taken_over(world: World) -> None:
    world.refuse()
    world.erp.numbers_by_itself = True
    outcome = world.erp.submit(world.intents.chain(FIRST)[0].document)
    world.erp.advance(outcome.ref, world.erp.held[0].document)  # type: ignore[union-attr]

    repair = world.repair()

    assert isinstance(repair, Adopted)
    assert (repair.posting.state, repair.posting.erp_number) == (IntentState.POSTED, "SI-doc-1")
    assert (world.state(), world.queue, len(world.erp.held)) == (InvoiceState.POSTED, [], 1)
    world.post(FIRST)  # as the relay asks
    assert world.told.open_codes() == set()


def test_what_was_booked_by_hand_with_the_key_of_an_earlier_refusal_is_taken_over_too(world: World) -> None:
    """Finance works from the first exception, while the posting in its place is refused as well."""
    world.refuse()
    world.repair()
    world.post(SECOND, Behaviour.REFUSE_MAPPING)
    outcome = world.erp.submit(world.intents.chain(FIRST)[0].document)
    world.erp.advance(outcome.ref, world.erp.held[0].document)  # type: ignore[union-attr]

    repair = world.repair()

    assert isinstance(repair, Adopted)
    assert (repair.posting.posting_id, repair.posting.state) == (SECOND, IntentState.POSTED)
    assert repair.posting.problem is ExceptionCode.POSTING_MISMATCH  # its reference is not the one that is looked for
    assert len(world.erp.held) == 1


def test_more_than_one_in_the_erp_is_for_a_person_to_sort_out(world: World) -> None:
    world.refuse()
    for _ in range(2):
        world.erp.submit(world.intents.chain(FIRST)[0].document)

    with pytest.raises(RepairRefusedError, match="more than one with its reference: document doc-1, document doc-2"):
        world.repair()


def test_an_erp_that_does_not_answer_leaves_everything_as_it_is(world: World) -> None:
    world.refuse()
    world.erp.fail_lookups([True])

    with pytest.raises(RepairRefusedError, match="the ERP is down; ask again"):
        world.repair()

    assert world.intents.chain(FIRST)[0].replaced_by is None


@pytest.mark.parametrize("status", [PeriodStatus.SOFT_CLOSED, PeriodStatus.CLOSED])
def test_a_period_that_takes_nothing_new_is_named(world: World, status: PeriodStatus) -> None:
    world.refuse()
    assert world.intents.set_period_status(ENTITY.legal_entity_id, NOVEMBER_2026, status)

    with pytest.raises(RepairRefusedError, match="accounting period 2026-11 takes nothing new"):
        world.repair()


def test_two_people_at_once_send_one(world: World) -> None:
    world.refuse()

    def compose_while_gina_repairs(name: PostedName) -> Composed:
        composed = world.composer(name)
        world.repair(by="gina@nimbus.example")
        return composed

    with pytest.raises(RepairRefusedError, match="somebody else is repairing"):
        world.repair(compose=compose_while_gina_repairs)
    assert world.queue == [SECOND]
    assert [one.asked_by for one in world.intents.chain(FIRST)] == ["", "gina@nimbus.example"]


def test_a_refused_credit_memo_is_sent_again_and_still_corrects_its_invoice(world: World) -> None:
    memo = world.issue_credit()
    world.post(memo, Behaviour.REFUSE_PERIOD)

    repair = world.repair(memo)
    posted = world.post(repair.posting.posting_id)

    assert posted.posting_id == f"{memo}/p2"
    assert posted.state is IntentState.POSTED
    assert (corrected := billed(posted.document).corrects) is not None
    assert corrected.erp_ref == "doc-1"
    assert world.told.open_codes() == set()


def test_a_refused_credit_memo_of_an_invoice_without_the_erps_key_waits_for_that_key(world: World) -> None:
    memo = world.issue_credit()
    world.post(memo, Behaviour.REFUSE_PERIOD)
    (invoice,) = world.intents.chain(FIRST)
    world.intents.save(replace(invoice, version=invoice.version + 1, erp_ref=None))

    with pytest.raises(
        RepairRefusedError, match=f"{NAME} is booked by hand, without the ERP's own key of it: say that"
    ):
        world.repair(memo)


def test_an_invoice_that_does_not_know_of_its_refusal_yet_is_not_told_any_more(world: World) -> None:
    world.post(FIRST, Behaviour.REFUSE_PERIOD)

    world.repair()

    stored = world.invoices.read(INVOICE.invoice_id, 1)
    assert stored is not None
    assert (stored.invoice.state, stored.version) == (InvoiceState.ISSUED, 2)  # whoever has read version 1 is too late


def test_a_message_of_the_refused_posting_comes_again_and_has_no_token_to_give(world: World) -> None:
    """Its execution has ended; one that starts later has a token of its own."""
    world.post(FIRST, Behaviour.REFUSE_PERIOD, token="token-1")
    world.repair()

    world.post(FIRST, token="token-1")
    world.post(FIRST, token="token-2")

    assert [(answer.task_token, answer.state) for answer in world.told.answers] == [
        ("token-1", IntentState.REJECTED),
        ("token-2", IntentState.POSTED),
    ]
    assert len(world.erp.held) == 1


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (NAME, "r1 is not sent yet: wait until it is, or cancel it"),
        ("c-acme/2026-11", "there is no posting of c-acme/2026-11/r1"),
        (f"{NAME}/r1/credit/sla-7", "there is no posting of"),
        (f"{NAME}/r1/p9", "there is no posting c-acme/2026-10/r1/p9: the last one is c-acme/2026-10/r1$"),
    ],
)
def test_what_is_not_refused_is_not_repaired(world: World, name: str, why: str) -> None:
    with pytest.raises(RepairRefusedError, match=why):
        world.repair(name)


def test_a_refusal_that_is_still_being_told_waits(world: World) -> None:
    world.refuse()
    (intent,) = world.intents.chain(FIRST)
    world.intents.save(replace(intent, version=intent.version + 1, answered=False))

    with pytest.raises(RepairRefusedError, match="was refused just now: ask again"):
        world.repair()


def test_a_refused_journal_is_sent_again_as_it_was_approved() -> None:
    world = World()
    world.issue(a_journal())
    world.post(PostingId("journal=accrual-10"), Behaviour.REFUSE_MAPPING)

    repair = world.repair("journal=accrual-10")

    assert repair.posting.posting_id == "journal=accrual-10/p2"
    assert isinstance(repair, Replaced)
    assert repair.differences == ()
    assert world.queue == ["journal=accrual-10/p2"]


def test_what_was_refused_a_moment_ago_may_not_be_shown_yet_and_waits() -> None:
    world = World()
    world.refuse()
    world.clock = SteadyClock(NOON - LOOKUP_SPACING)

    with pytest.raises(RepairRefusedError, match="was refused just now: ask again in a few minutes"):
        world.repair()
