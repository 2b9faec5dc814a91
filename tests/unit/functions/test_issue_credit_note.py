from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from functions.issue_credit_note.use_case import CreditNoteIssuer
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import ChargeId, PostingId, SubscriptionId
from shared.domain.invoice_document.document import DocumentId
from shared.domain.invoicing.credit_note import (
    CreditDecision,
    CreditNoteState,
    CreditPreview,
    CreditRequest,
    LinesCredit,
    WholeCredit,
)
from shared.domain.invoicing.crediting import CreditRefusedError
from shared.domain.invoicing.invoice import Adjustment, ApprovalDecision, Invoice, InvoiceLine, invoice_id
from shared.domain.master_data.approval_policy import ApprovalPolicy
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.master_data.tax_setup import TABLE_TAX, TaxEngineName, TaxSetup
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.compose import compose
from shared.domain.posting.document import CorrectedDocument, DocumentKind
from shared.domain.posting.intent import IntentState, new_intent
from shared.domain.posting.outcome import ErpRef
from shared.domain.tax.intent import TaxOperation
from shared.domain.time_period import billing_period_containing
from shared.ports.invoices import CreditedMeanwhileError, StoredInvoice
from tests.builders.billing import ACME, BERLIN, OCTOBER, catalog, contract, euros, nimbus, published
from tests.builders.credit_notes import NOON, a_line, a_request, an_issued_invoice, of_lines
from tests.builders.posting import billed
from tests.fakes.in_memory_credit_notes import InMemoryCreditNotes
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_invoices import InMemoryInvoices
from tests.fakes.in_memory_receivables import InMemoryReceivables
from tests.fakes.mortal_port import MortalPort
from tests.fakes.steady_clock import SteadyClock

INVOICE = an_issued_invoice(
    replace(
        a_line("fee", "99.00", rate="0.19", code="DE-19"),
        charge_id=ChargeId("fee"),
        subscription_id=SubscriptionId("s-acme"),
    ),
    a_line("calls", "1.57", rate="0.19", code="DE-19"),
)
NOVEMBER = billing_period_containing(OCTOBER.end, BERLIN)
CLARA = ApprovalPolicy(thresholds=(euros("50.00"),), approver="clara@nimbus.example")
A_TENTH_OF_THE_FEE = of_lines(fee="9.90")


class World:
    """Acme's posted October invoice, and whoever credits it."""

    def __init__(
        self,
        approval: ApprovalPolicy | None = None,
        *,
        state: IntentState = IntentState.POSTED,
        tax: TaxSetup = TABLE_TAX,
        entity: LegalEntity | None = None,
    ) -> None:
        self.invoices = InMemoryInvoices()
        self.invoices.save(StoredInvoice(invoice=INVOICE, version=1))
        entity = entity or replace(nimbus(approval=approval), tax=tax)
        self.master_data = published(catalog(entity=entity))
        document = compose(INVOICE, contract=contract(), customer=ACME, entity=entity)
        intent = new_intent(document, created_at=NOON)
        self.invoices.intents.add(replace(intent, state=state, erp_ref=ErpRef("inv-1")))
        self.notes = InMemoryCreditNotes(self.invoices)
        self.receivables = InMemoryReceivables()
        self.exceptions = InMemoryExceptionReporter()
        self.asked: list[str] = []
        self.documents: list[str] = []
        self.issuer = CreditNoteIssuer(
            notes=self.notes,
            invoices=self.invoices,
            intents=self.invoices.intents,
            receivables=self.receivables,
            master_data=self.master_data,
            document_requests=self,
            posting_requests=self,
            tax_requests=self,
            exceptions=self.exceptions,
            clock=SteadyClock(NOON),
        )

    def request(self, what: str | DocumentId, *, after: timedelta = timedelta(0)) -> None:
        del after
        (self.documents if isinstance(what, DocumentId) else self.asked).append(str(what))

    def intent(self, request_id: str = "sla-7") -> object:
        return self.invoices.intents.read(PostingId(f"{INVOICE.invoice_id}/r1/credit/{request_id}"))


def asked(credit: LinesCredit | WholeCredit | None = None, request_id: str = "sla-7") -> CreditRequest:
    return a_request(INVOICE, credit, request_id=request_id)


def open_codes(world: World) -> set[ExceptionCode]:
    return {record.code for record in world.exceptions.open.values()}


def clara_says(*, approved: bool, request_id: str = "sla-7", who: str = "clara@nimbus.example") -> CreditDecision:
    decision = ApprovalDecision(approved=approved, decided_by=who, decided_at=NOON)
    return CreditDecision(invoice_id=INVOICE.invoice_id, revision=1, request_id=request_id, decision=decision)


def test_a_credit_note_takes_no_number_that_its_erp_has_no_room_for() -> None:
    sap = replace(nimbus(), invoice_series="NIMBUS-DE-", erp=replace(nimbus().erp, system="sap_s4hana"))
    world = World(entity=sap)

    with pytest.raises(CreditRefusedError, match="a number of 19 characters; sap_s4hana takes 18"):
        world.issuer.answer(asked())

    world.master_data = published(catalog(entity=replace(sap, credit_note_series="NIMBUS-CN-")), "v2")
    shorter = replace(world.issuer, master_data=world.master_data)
    assert shorter.request(asked()).number == "NIMBUS-CN-000001"


def test_a_customer_that_its_erp_has_may_be_known_by_a_longer_name_by_now() -> None:
    sap = replace(nimbus(), erp=replace(nimbus().erp, system="sap_s4hana", settings={"business_partner_grouping": "1"}))
    files = replace(nimbus(), erp=replace(nimbus().erp, system="legacy_files"))
    renamed = replace(ACME, name="A" * 101)
    world = World(entity=sap)
    now = replace(world.issuer, master_data=published(replace(catalog(entity=sap), customers=(renamed,))))
    assert now.request(asked()).number == "DE-CN-000001"

    world = World(entity=files)
    now = replace(world.issuer, master_data=published(replace(catalog(entity=files), customers=(renamed,))))
    with pytest.raises(CreditRefusedError, match="a customer's name of 101 characters; legacy_files takes 100"):
        now.request(asked())


def test_an_approved_credit_note_is_held_against_the_erp_of_now() -> None:
    world = World(approval=CLARA)
    world.issuer.request(asked())
    unmapped = nimbus(approval=CLARA, products=["platform"])
    now = replace(world.issuer, master_data=published(catalog(entity=unmapped), "v2"))

    with pytest.raises(CreditRefusedError, match="product api has no name in the business_central of nimbus-de"):
        now.decide(clara_says(approved=True))

    assert world.notes.series(unmapped.legal_entity_id, "DE-CN-").last == 0
    assert world.exceptions.open == {}


def test_a_credit_is_numbered_in_its_own_series_and_asked_to_be_posted() -> None:
    world = World()

    note, _ = world.issuer.answer(asked(A_TENTH_OF_THE_FEE))

    assert (note.state, note.number, str(note.credited.gross)) == (CreditNoteState.ISSUED, "DE-CN-000001", "11.78 EUR")
    assert world.asked == world.documents == ["c-acme/2026-10/r1/credit/sla-7"]
    intent = world.invoices.intents.read(PostingId(note.credit_note_id))
    assert intent is not None
    assert intent.document.kind is DocumentKind.CREDIT_MEMO
    assert billed(intent.document).corrects == CorrectedDocument(human_number="DE-000001", erp_ref="inv-1")
    assert intent.document.gross == note.credited.gross


def test_where_the_books_take_nothing_new_an_approved_credit_waits_in_words_until_they_do() -> None:
    world = World(CLARA)
    entity = nimbus().legal_entity_id
    world.issuer.answer(asked())
    world.invoices.intents.set_period_status(entity, "2026-11", PeriodStatus.SOFT_CLOSED)

    with pytest.raises(CreditRefusedError, match=r"accounting period .*2026-11 takes nothing new"):
        world.issuer.answer(clara_says(approved=True))
    world.invoices.intents.set_period_status(entity, "2026-11", PeriodStatus.OPEN)
    note, _ = world.issuer.answer(clara_says(approved=True))

    assert (note.state, note.number) == (CreditNoteState.ISSUED, "DE-CN-000001")


def test_the_invoice_itself_does_not_change() -> None:
    world = World()

    world.issuer.answer(asked())

    stored = world.invoices.read(INVOICE.invoice_id, 1)
    assert stored == StoredInvoice(invoice=INVOICE, version=1)


def test_a_preview_stores_nothing() -> None:
    world = World(CLARA)

    note, why = world.issuer.answer(CreditPreview(request=asked()))

    assert note.credited.gross == INVOICE.gross
    assert why == "119.68 EUR reaches the threshold of 50.00 EUR"
    assert world.notes.of_invoice(INVOICE.invoice_id, 1) == ()


def test_asked_twice_it_is_credited_once() -> None:
    world = World()

    first = world.issuer.answer(asked(A_TENTH_OF_THE_FEE))
    again = world.issuer.answer(replace(asked(A_TENTH_OF_THE_FEE), requested_at=NOON.replace(hour=13)))

    assert again == first
    assert len(world.notes.of_invoice(INVOICE.invoice_id, 1)) == 1


def test_one_request_id_stands_for_one_credit() -> None:
    world = World()
    world.issuer.answer(asked(A_TENTH_OF_THE_FEE))

    with pytest.raises(CreditRefusedError, match="request sla-7 was for another credit"):
        world.issuer.answer(asked(of_lines(fee="20.00")))


def test_more_than_is_left_is_refused_in_words_and_takes_no_number() -> None:
    world = World()
    world.issuer.answer(asked(of_lines(fee="90.00")))

    with pytest.raises(CreditRefusedError, match=r"9.01 EUR of line fee, of which 9.00 EUR is left"):
        world.issuer.answer(asked(of_lines(fee="9.01"), "sla-8"))

    assert world.notes.series(INVOICE.legal_entity_id, "DE-CN-").last == 1


@pytest.mark.parametrize("state", [IntentState.INTENT, IntentState.UNKNOWN])
def test_an_invoice_that_is_not_in_its_erp_is_not_credited(state: IntentState) -> None:
    world = World(state=state)

    with pytest.raises(CreditRefusedError, match=rf"DE-000001 is not in its ERP yet \({state}\)"):
        world.issuer.answer(asked())


def test_an_invoice_that_its_erp_has_refused_is_repaired_before_it_is_credited() -> None:
    world = World(state=IntentState.REJECTED)

    with pytest.raises(CreditRefusedError, match=r"DE-000001 was refused by its ERP.* u2c posting repair \S+/r1 first"):
        world.issuer.answer(asked())


def test_an_invoice_that_was_booked_by_hand_without_the_erps_key_is_credited_there_or_gets_its_key_first() -> None:
    world = World()
    (posted,) = world.invoices.intents.all()
    unseen = replace(posted, erp_ref=None, erp_number="SI-4711", version=posted.version + 1)
    world.invoices.intents.save(unseen)

    with pytest.raises(CreditRefusedError, match=r"DE-000001 is booked by hand as SI-4711, .* or say its key first"):
        world.issuer.answer(asked())


def test_what_the_policy_holds_waits_for_its_approver_without_a_number() -> None:
    world = World(CLARA)

    note, _ = world.issuer.answer(asked())
    world.issuer.answer(asked())

    assert (note.state, note.number) == (CreditNoteState.AWAITING_APPROVAL, None)
    assert open_codes(world) == {ExceptionCode.CREDIT_NOTE_PENDING}
    assert world.asked == world.documents == []


def test_an_approved_credit_is_issued_and_the_same_word_again_changes_nothing() -> None:
    world = World(CLARA)
    world.issuer.answer(asked())

    note, _ = world.issuer.answer(clara_says(approved=True))
    again, _ = world.issuer.answer(clara_says(approved=True))

    assert again == note
    assert (note.state, note.number) == (CreditNoteState.ISSUED, "DE-CN-000001")
    assert note.approval is not None
    assert open_codes(world) == set()


def test_a_credit_that_a_newer_policy_lets_pass_is_issued_and_waits_for_nobody_any_more() -> None:
    world = World(CLARA)
    world.issuer.answer(asked())

    issuer = replace(world.issuer, master_data=published(catalog(entity=replace(nimbus(), tax=TABLE_TAX))))
    note, _ = issuer.answer(asked())

    assert (note.state, note.number) == (CreditNoteState.ISSUED, "DE-CN-000001")
    assert open_codes(world) == set()


def test_a_rejected_credit_has_no_number_and_takes_nothing_away() -> None:
    world = World(CLARA)
    world.issuer.answer(asked())

    note, _ = world.issuer.answer(clara_says(approved=False))

    assert (note.state, note.number) == (CreditNoteState.REJECTED, None)
    assert world.intent() is None
    assert open_codes(world) == set()
    with pytest.raises(CreditRefusedError, match=r"was decided by clara@nimbus\.example before"):
        world.issuer.answer(clara_says(approved=True))


def test_whoever_asks_does_not_approve() -> None:
    world = World(replace(CLARA, approver="dora@nimbus.example"))
    world.issuer.answer(asked())

    with pytest.raises(CreditRefusedError, match=r"dora@nimbus\.example has asked for"):
        world.issuer.answer(clara_says(approved=True, who="dora@nimbus.example"))


def test_only_the_approver_decides() -> None:
    world = World(CLARA)
    world.issuer.answer(asked())

    with pytest.raises(CreditRefusedError, match=r"eve@nimbus\.example is not the approver"):
        world.issuer.answer(clara_says(approved=True, who="eve@nimbus.example"))


def test_a_credit_note_whose_tax_its_erp_works_out_otherwise_takes_no_number() -> None:
    world = World(entity=replace(nimbus(), erp=replace(nimbus().erp, system="oracle_fusion")))

    with pytest.raises(CreditRefusedError, match=r"-0\.01 EUR off what oracle_fusion works out, and takes only with"):
        world.issuer.answer(asked(of_lines(fee="0.03", calls="0.03")))
    assert world.issuer.request(asked(of_lines(fee="1.00"), "sla-8")).number == "DE-CN-000001"


def test_an_approval_of_what_is_not_left_any_more_is_refused() -> None:
    world = World(CLARA)
    world.issuer.answer(asked(of_lines(fee="60.00")))
    world.issuer.answer(asked(of_lines(fee="40.00"), "sla-8"))

    with pytest.raises(CreditRefusedError, match=r"60.00 EUR of line fee, of which 59.00 EUR is left"):
        world.issuer.answer(clara_says(approved=True))

    stored = world.notes.read(INVOICE.invoice_id, 1, "sla-7")
    assert stored is not None
    assert stored.note.state is CreditNoteState.REFUSED
    assert open_codes(world) == set()


def test_a_manual_adjustment_policy_holds_every_credit() -> None:
    world = World(ApprovalPolicy(thresholds=None, approver="clara@nimbus.example", manual_adjustment=True))

    note, _ = world.issuer.answer(asked(of_lines(fee="0.01")))

    assert note.state is CreditNoteState.AWAITING_APPROVAL


def test_a_twin_that_was_faster_is_reckoned_with() -> None:
    world = World()
    twins = iter([asked(of_lines(fee="60.00"), "twin")])
    issue = world.notes.issue

    def after_the_twin(*given: object, **named: object) -> None:
        for twin in twins:
            world.issuer.answer(twin)
            raise CreditedMeanwhileError
        issue(*given, **named)  # type: ignore[arg-type]

    world.notes.issue = after_the_twin  # type: ignore[method-assign]
    with pytest.raises(CreditRefusedError, match=r"of which 39.00 EUR is left"):
        world.issuer.answer(asked(of_lines(fee="40.00")))


def test_tax_that_the_erp_would_work_out_otherwise_is_refused_before_it_has_a_number() -> None:
    world = World()  # Business Central, without a code for untaxed lines
    for part in range(2):  # 19 % of 0.50 is 0.095
        world.issuer.answer(asked(of_lines(calls="0.50"), f"part-{part}"))

    with pytest.raises(CreditRefusedError, match="takes only with the setting no_tax_code"):
        world.issuer.answer(asked(WholeCredit(), "rest"))


def test_what_a_later_invoice_has_taken_off_is_not_credited_again() -> None:
    world = World()
    november = replace(
        INVOICE,
        invoice_id=invoice_id(INVOICE.contract_id, NOVEMBER),
        billing_period=NOVEMBER,
        lines=(_adjusting("fee", "-30.00"),),
    )
    world.invoices.save(StoredInvoice(invoice=november, version=1))

    with pytest.raises(CreditRefusedError, match=r"69.01 EUR of line fee, of which 69.00 EUR is left"):
        world.issuer.answer(asked(of_lines(fee="69.01")))
    whole, _ = world.issuer.answer(asked())
    assert whole.credited.net == euros("70.57")


def _adjusting(name: str, amount: str) -> InvoiceLine:
    """Return a line that adjusts October's line of that name."""
    before = Adjustment(
        invoice_id=INVOICE.invoice_id, invoice_number=INVOICE.number, quantity=Decimal(1), amount=euros("99.00")
    )
    line = a_line(f"{name}@2026-10", amount, rate="0.19", code="DE-19")
    return replace(line, adjusts=before, charge_id=ChargeId(name), subscription_id=SubscriptionId("s-acme"))


def test_an_outside_tax_engine_is_told_of_the_refund_by_an_intent_of_the_same_transaction() -> None:
    avatax = TaxSetup(engine=TaxEngineName.AVATAX, connection="nimbus/avatax", company="NIMBUS", code="DE-19")
    world = World(tax=avatax)

    note, _ = world.issuer.answer(asked(of_lines(calls="1.00")))

    (intent,) = world.notes.tax_intents
    assert intent.operation is TaxOperation.REFUND
    assert intent.original is not None
    assert [(line.number, line.amount) for line in intent.document.lines] == [(2, euros("-1.00"))]
    assert (intent.document.tax, intent.document.number) == (euros("-0.19"), note.number)
    assert intent.document.code != intent.original.code
    assert intent.document.lines[0].tax_point == intent.original.lines[1].tax_point
    assert world.asked == [note.credit_note_id, intent.tax_intent_id]


PORTS = ("notes", "invoices", "intents", "master_data", "document_requests", "posting_requests", "exceptions")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("approval", [None, CLARA])
def test_whoever_dies_at_any_call_is_repeated_to_one_credit(approval: ApprovalPolicy | None, *, after: bool) -> None:
    deaths = 0
    for call in range(1, 200):
        world, countdown = World(approval), [call]
        mortal = {name: MortalPort(getattr(world.issuer, name), countdown, after=after) for name in PORTS}
        dying = replace(world.issuer, **cast("dict[str, Any]", mortal))
        for _ in range(2):
            for said in (asked(), clara_says(approved=True)) if approval else (asked(),):
                try:
                    dying.answer(said)
                except ConnectionError:
                    deaths += 1
                    dying.answer(said)

        (note,) = world.notes.of_invoice(INVOICE.invoice_id, 1)
        assert (note.state, note.number) == (CreditNoteState.ISSUED, "DE-CN-000001")
        assert set(world.asked) == set(world.documents) == {note.credit_note_id}
        assert open_codes(world) == set()
        if countdown[0] > 0:
            break
    assert deaths == call - 1


def test_an_invoice_that_was_never_made_is_not_credited() -> None:
    unknown: Invoice = replace(INVOICE, revision=7)

    with pytest.raises(CreditRefusedError, match=r"there is no invoice c-acme/2026-10, revision 7"):
        World().issuer.answer(a_request(unknown))


def test_a_credit_without_a_reason_is_refused() -> None:
    with pytest.raises(CreditRefusedError, match="a credit needs a reason"):
        World().issuer.answer(replace(asked(), reason=" "))


def test_half_a_cent_is_no_amount() -> None:
    assert Decimal("0.005") != Decimal("0.01")
    with pytest.raises(CreditRefusedError, match="no amount of EUR to its minor unit"):
        World().issuer.answer(asked(of_lines(fee="0.005")))
