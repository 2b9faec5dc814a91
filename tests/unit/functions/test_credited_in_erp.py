"""A credit memo that a person makes in the ERP against our invoice is told of, recorded here, and not given twice."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

import pytest

from functions.issue_credit_note.use_case import CreditNoteIssuer
from functions.post_to_erp.use_case import post_to_erp
from functions.repair_posting.by_hand import HandBooking, HandSettler
from functions.repair_posting.composing import Composed, Composer
from functions.repair_posting.use_case import PostingRepairer
from functions.sync_settlements.use_case import SettlementSync
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import ExternalRef, LegalEntityId, PostingId
from shared.domain.invoicing.credit_note import CreditNote, CreditNoteState, CreditPurpose, CreditRequest, LinesCredit
from shared.domain.invoicing.crediting import CreditRefusedError
from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.posting.compose import compose, posting_id
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import IntentState, PostingIntent, PostingRequest, new_intent
from shared.domain.posting.names import PostedName, posted_name
from shared.domain.posting.outcome import ErpRef
from shared.domain.posting.pacing import NotCalled
from shared.domain.posting.readings import Settlement, SettlementPage, SettlementStatus
from shared.domain.posting.repair import RepairRefusedError
from shared.ports.erp import ReadableErp
from shared.ports.invoices import StoredInvoice
from tests.builders.billing import ACME, TENANT, catalog, contract, euros, nimbus, published
from tests.builders.credit_notes import NOON, a_line, a_request, an_issued_invoice, of_lines
from tests.fakes.crediting_world import StoredExceptions
from tests.fakes.fake_erp import LOOKUP_SPACING, FakeErp, OneErp
from tests.fakes.in_memory_billing_accounts import InMemoryBillingProgresses
from tests.fakes.in_memory_credit_notes import InMemoryCreditNotes
from tests.fakes.in_memory_invoices import InMemoryInvoices
from tests.fakes.in_memory_posting_repairs import InMemoryPostingRepairs
from tests.fakes.in_memory_receivables import InMemoryReceivables
from tests.fakes.posting_world import Told
from tests.fakes.steady_clock import SteadyClock

INVOICE = an_issued_invoice(a_line("calls", "100.00", rate="0.19", code="DE-19"))
POSTING = posting_id(INVOICE.invoice_id, INVOICE.revision)
ENTITY = nimbus()
FULL, HALF = "119.00", "59.50"
HALF_NET = of_lines(calls="50.00")
SOMEBODYS_KEY = ExternalRef("TYPED BY HAND")


@dataclass(frozen=True, slots=True)
class TellingErp:
    """Tells all that it has at every poll."""

    told: Sequence[Settlement]

    def settlements(self, cursor: str) -> SettlementPage:
        return SettlementPage(settlements=tuple(self.told), next_cursor=cursor, complete=True)


class World:
    """Acme's posted October invoice of 119.00, its ERP, and what that tells of the invoice."""

    def __init__(self) -> None:
        self.clock = SteadyClock(NOON)
        self.erp = FakeErp(self.clock.now)
        self.invoices = InMemoryInvoices()
        self.invoices.save(StoredInvoice(invoice=INVOICE, version=1))
        self.intents = self.invoices.intents
        self.notes = InMemoryCreditNotes(self.invoices)
        self.receivables = InMemoryReceivables()
        self.exceptions = StoredExceptions()
        self.told = Told()
        self.master_data = published(catalog(entity=ENTITY))
        self.sharing_a_company = [ENTITY.legal_entity_id]
        self.page: list[Settlement] = []
        self.intents.add(
            new_intent(compose(INVOICE, contract=contract(), customer=ACME, entity=ENTITY), created_at=NOON)
        )
        self.send(POSTING)

    def erp_for(self, _: LegalEntityId) -> ReadableErp:
        return cast("ReadableErp", TellingErp(self.page))

    def erp_and_books(self, legal_entity_id: LegalEntityId) -> tuple[ReadableErp, str]:
        return self.erp_for(legal_entity_id), "fake/acme/1"

    def reading_turn(self, _: LegalEntityId) -> AbstractContextManager[NotCalled | None]:
        return nullcontext()

    def request(self, what: object, *, after: timedelta = timedelta(0)) -> None:
        """Take every request: each posting is sent when a test says so."""

    def later(self, by: timedelta = timedelta(hours=1)) -> None:
        self.clock.instant += by

    def send(self, name: PostingId) -> PostingIntent:
        return post_to_erp(
            PostingRequest(posting_id=name, task_token=None),
            self.intents,
            receivables=self.receivables,
            master_data=self.master_data,
            erps=OneErp(self.erp),
            requests=self,
            announcer=self.told,
            clock=self.clock,
        )

    def poll(self, credited: str | None, status: SettlementStatus = SettlementStatus.PARTLY_PAID) -> None:
        """Have the ERP tell of the invoice that credit memos took so much of it, an hour after what happened last."""
        self.later()
        posting = self.intents.read(POSTING)
        assert posting is not None
        taken = euros(credited or "0.00")
        settlement = Settlement(
            external_ref=posting.external_ref,
            kind=DocumentKind.INVOICE,
            erp_number="SI-doc-1",
            status=status,
            open_amount=INVOICE.gross - taken,
            changed_at=self.clock.now() - timedelta(minutes=30),
            credited=taken if credited is not None else None,
        )
        self.page = [settlement]
        self.sync()

    def sync(self) -> None:
        SettlementSync(
            tenant=TENANT,
            erps=self,
            intents=self.intents,
            notes=self.notes,
            receivables=self.receivables,
            exceptions=self.exceptions,
            known=self.exceptions.store,
            clock=self.clock,
        ).sync(self.sharing_a_company)

    @property
    def issuer(self) -> CreditNoteIssuer:
        return CreditNoteIssuer(
            notes=self.notes,
            invoices=self.invoices,
            intents=self.intents,
            receivables=self.receivables,
            master_data=self.master_data,
            document_requests=self,
            posting_requests=self,
            tax_requests=self,
            exceptions=self.exceptions,
            clock=self.clock,
        )

    def credit(self, request_id: str, credit: LinesCredit | None = None, *, made_in_erp: bool = False) -> CreditNote:
        self.later(timedelta(minutes=1))
        return self.issuer.request(asked(request_id, credit, made_in_erp=made_in_erp))

    def credit_in_the_erp(self, note: CreditNote) -> None:
        """Have a person make the credit memo in the ERP, without our key."""
        recorded = self.intents.read(PostingId(note.credit_note_id))
        assert recorded is not None
        self.erp.book_by_hand(replace(recorded.document, external_ref=SOMEBODYS_KEY))

    def mark_posted(self, name: PostingId, *, number: str, key: str) -> None:
        settler = HandSettler(
            intents=self.intents,
            repairs=self._repairs(),
            erps=OneErp(self.erp),
            compose=self._compose,
            clock=self.clock,
        )
        settler.mark_posted(posted_name(name), HandBooking(number=number, key=key), asked_by="gina", send=True)

    def repair(self, name: PostingId) -> None:
        PostingRepairer(
            intents=self.intents,
            repairs=self._repairs(),
            erps=OneErp(self.erp),
            requests=self,
            compose=self._compose,
            clock=self.clock,
        ).repair(posted_name(name), asked_by="gina", send=True)

    def found(self) -> list[str]:
        """Return what was credited in the ERP and is open, by its messages."""
        return [record.message for record in self.exceptions.store.open_records(ExceptionCode.CREDITED_IN_ERP)]

    def memos_in_the_erp(self) -> int:
        return sum(document.kind is DocumentKind.CREDIT_MEMO for document in self.erp.posted_documents())

    def _repairs(self) -> InMemoryPostingRepairs:
        return InMemoryPostingRepairs(self.intents, self.invoices, InMemoryBillingProgresses())

    def _compose(self, name: PostedName) -> Composed:
        composer = Composer(
            invoices=self.invoices, notes=self.notes, intents=self.intents, master_data=self.master_data
        )
        return composer(name)


def asked(request_id: str, credit: LinesCredit | None = None, *, made_in_erp: bool = False) -> CreditRequest:
    return replace(a_request(INVOICE, credit, request_id=request_id), made_in_erp=made_in_erp)


@pytest.fixture
def world() -> World:
    return World()


def test_a_credit_made_in_the_erp_is_found_and_says_by_how_much(world: World) -> None:
    world.poll(HALF)

    assert world.found() == [
        "SI-doc-1 of 119.00 EUR was credited by 59.50 EUR in the ERP of nimbus-de, and here by 0.00 EUR"
    ]


def test_an_invoice_that_is_credited_by_an_amount_that_the_erp_does_not_tell_is_found_while_nothing_is_credited_here(
    world: World,
) -> None:
    world.poll(None, SettlementStatus.CREDITED)

    (found,) = world.found()
    assert "was credited, it does not say by how much, in the ERP" in found

    world.credit("cm-1001", HALF_NET, made_in_erp=True)
    assert world.found() == []


@pytest.mark.parametrize("is_posted", [True, False])
def test_a_credit_note_of_ours_is_no_finding_posted_or_on_its_way(world: World, *, is_posted: bool) -> None:
    note = world.credit("sla-7", HALF_NET)
    if is_posted:
        assert world.send(PostingId(note.credit_note_id)).state is IntentState.POSTED

    world.poll(HALF)

    assert world.exceptions.reported == []


def test_a_poll_from_before_our_credit_memo_came_to_the_erp_is_no_finding(world: World) -> None:
    world.credit("sla-7", HALF_NET)

    world.poll("0.00", SettlementStatus.OPEN)

    assert world.exceptions.reported == []


def test_a_credit_beside_one_of_ours_is_found(world: World) -> None:
    world.credit("sla-7", of_lines(calls="10.00"))
    world.poll("11.90")
    assert world.found() == []

    world.poll(FULL, SettlementStatus.CREDITED)

    assert len(world.found()) == 1


def test_a_credit_that_one_of_ours_on_its_way_has_hidden_is_found_once_the_erp_has_both(world: World) -> None:
    world.credit("sla-7", HALF_NET)
    world.poll(HALF)
    assert world.found() == []

    world.poll(FULL, SettlementStatus.CREDITED)

    assert len(world.found()) == 1


def test_polled_twice_it_is_told_once_and_what_a_person_has_closed_stays_closed(world: World) -> None:
    world.poll(HALF)
    world.sync()
    world.later()
    world.page = [replace(world.page[0], changed_at=world.clock.now(), open_amount=euros("9.50"))]
    world.sync()

    assert [record.code for record in world.exceptions.reported] == [ExceptionCode.CREDITED_IN_ERP]


def test_two_legal_entities_that_share_a_company_tell_of_a_credit_once(world: World) -> None:
    world.sharing_a_company = [ENTITY.legal_entity_id, LegalEntityId("nimbus-at")]

    world.poll(HALF)

    assert [record.detail["legal_entity"] for record in world.exceptions.reported] == [ENTITY.legal_entity_id]


def test_it_closes_once_the_credit_is_taken_back_in_the_erp(world: World) -> None:
    world.poll(HALF)

    world.poll("0.00", SettlementStatus.OPEN)

    assert world.found() == []


def test_an_invoice_voided_in_the_erp_is_one_finding_and_not_two(world: World) -> None:
    world.poll(HALF)

    world.poll(FULL, SettlementStatus.VOIDED)

    assert world.found() == []
    assert [record.code for record in world.exceptions.open.values()] == [ExceptionCode.VOIDED_IN_ERP]


def test_recorded_here_and_named_it_is_settled_on_both_sides_and_nothing_is_sent(world: World) -> None:
    world.poll(HALF)
    sent = world.erp.writes_seen

    note = world.credit("cm-1001", HALF_NET, made_in_erp=True)
    memo = PostingId(note.credit_note_id)
    assert (note.state, world.found()) == (CreditNoteState.ISSUED, [])
    assert world.send(memo).state is IntentState.REJECTED
    assert world.told.open_codes() == {ExceptionCode.CREDITED_IN_ERP}

    world.credit_in_the_erp(note)
    world.later(LOOKUP_SPACING)
    world.mark_posted(memo, number="SI-doc-2", key="doc-2")
    posted = world.send(memo)

    assert (posted.state, posted.erp_number, posted.erp_ref) == (IntentState.POSTED, "SI-doc-2", ErpRef("doc-2"))
    assert world.told.open_codes() == set()
    assert world.erp.writes_seen == sent
    assert world.memos_in_the_erp() == 1
    world.poll(HALF)
    assert world.found() == []


def test_a_part_that_is_recorded_leaves_it_open(world: World) -> None:
    world.poll(HALF)

    world.credit("cm-1001", of_lines(calls="10.00"), made_in_erp=True)

    assert len(world.found()) == 1


def test_what_is_recorded_and_never_sent_needs_no_name_in_the_erp(world: World) -> None:
    world.poll(HALF)
    world.master_data = published(catalog(entity=nimbus(products=["platform"])), "v2")  # and none for the calls

    with pytest.raises(CreditRefusedError, match="product api has no name in the business_central of nimbus-de"):
        world.credit("sla-7", of_lines(calls="10.00"))
    world.credit("cm-1001", HALF_NET, made_in_erp=True)

    assert world.found() == []


def test_recorded_before_the_erp_tells_of_it_it_is_never_found(world: World) -> None:
    world.credit("cm-1001", HALF_NET, made_in_erp=True)

    world.poll(HALF)

    assert world.exceptions.reported == []


def test_what_is_found_while_it_is_being_recorded_is_closed_in_either_order(world: World) -> None:
    world.poll(HALF)
    (found,) = world.exceptions.reported

    world.credit("cm-1001", HALF_NET, made_in_erp=True)
    world.exceptions.store.open(found)  # the report comes after the resolution

    assert world.found() == []


def test_what_was_made_in_the_erp_is_never_sent_there_by_a_repair(world: World) -> None:
    memo = PostingId(world.credit("cm-1001", HALF_NET, made_in_erp=True).credit_note_id)
    world.send(memo)

    with pytest.raises(
        RepairRefusedError, match="made in the ERP by hand: say which document it is by u2c posting mark-"
    ):
        world.repair(memo)

    assert world.memos_in_the_erp() == 0


def test_more_than_the_credit_made_in_the_erp_leaves_is_refused_and_names_it(world: World) -> None:
    world.poll(HALF)

    with pytest.raises(CreditRefusedError) as refused:
        world.credit("sla-7")

    assert str(refused.value) == (
        "119.00 EUR more cannot be credited: a person has credited 59.50 EUR of SI-doc-1 in the ERP of nimbus-de, which"
        " is not recorded here, and 119.00 EUR were invoiced; record that credit first, by --made-in-erp"
    )
    assert world.notes.of_invoice(INVOICE.invoice_id, 1) == ()


def test_what_is_left_beside_the_credit_made_in_the_erp_is_credited(world: World) -> None:
    world.poll(HALF)

    assert world.credit("sla-7", HALF_NET).state is CreditNoteState.ISSUED

    world.poll(FULL, SettlementStatus.CREDITED)
    assert len(world.found()) == 1


def test_a_credit_of_an_amount_that_the_erp_does_not_tell_refuses_nothing_and_stays_told_of(world: World) -> None:
    world.poll(None, SettlementStatus.CREDITED)

    assert world.credit("sla-7", HALF_NET).state is CreditNoteState.ISSUED

    assert len(world.found()) == 1


def test_an_invoice_credited_in_full_in_the_erp_is_voided_here_without_a_second_memo(world: World) -> None:
    world.poll(FULL, SettlementStatus.CREDITED)
    void = replace(asked("void"), purpose=CreditPurpose.VOID)
    with pytest.raises(CreditRefusedError, match="record that credit first"):
        world.issuer.request(void)

    world.issuer.request(replace(void, made_in_erp=True))

    stored = world.invoices.read(INVOICE.invoice_id, 1)
    assert stored is not None
    assert (stored.invoice.state, world.found()) == (InvoiceState.VOIDING, [])
