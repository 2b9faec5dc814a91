"""Invoices voided and billed anew: what is live comes to what the usage does, and nothing is billed twice."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, cast

import pytest

from shared.domain.identifiers import ContractId, CustomerId, InvoiceId, PostingId
from shared.domain.invoicing.credit_note import (
    CreditDecision,
    CreditNoteState,
    CreditPurpose,
    LineAmount,
    LinesCredit,
)
from shared.domain.invoicing.crediting import CreditRefusedError
from shared.domain.invoicing.invoice import ApprovalDecision, Invoice, InvoiceState, MemberBill
from shared.domain.invoicing.issuing import ISSUED_STATES
from shared.domain.master_data.approval_policy import ApprovalPolicy
from shared.domain.posting.compose import posting_id
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.readings import Settlement, SettlementStatus
from shared.domain.rating.charge_models import Graduated, Tier
from shared.domain.receivables.receivable import TakenBack, findings, receivable
from shared.domain.subscriptions.fee_terms import Billed
from shared.domain.time_period import BillingPeriod, Period, billing_periods_from
from shared.ports.invoice_executions import ExecutionStatus
from shared.ports.invoices import CreditedMeanwhileError
from tests.builders.billing import (
    BASE_FEE,
    BERLIN,
    OCTOBER,
    calls,
    catalog,
    contract,
    euros,
    nimbus,
    plan,
    price,
    usage_charge,
)
from tests.fakes.mortal_port import MortalPort
from tests.fakes.voiding_world import VoidingWorld

MONTHS: list[BillingPeriod] = [
    month for month, _ in zip(billing_periods_from(OCTOBER.start, BERLIN), range(5), strict=False)
]
OCTOBERS = InvoiceId("c-acme/2026-10")
NOVEMBERS = InvoiceId("c-acme/2026-11")
CLARA = ApprovalPolicy(thresholds=(euros("50.00"),), approver="clara@nimbus.example")
PORTS = ("notes", "invoices", "intents", "master_data", "document_requests", "posting_requests", "exceptions")


class Months(VoidingWorld):
    """Acme's months; usage comes whenever a test says."""

    def use(self, count: int, month: int = 0) -> None:
        self.usage.come_late(calls(count, at=MONTHS[month].start + timedelta(days=3)))

    def close(self, month: int, *, days: int = 2) -> None:
        """Run the bill run so many days after the month."""
        self.usage.sealed = max(self.usage.sealed or MONTHS[month].end, MONTHS[month].end)
        self.bill((MONTHS[month].end + timedelta(days=days)).replace(hour=6))

    def of(self, name: InvoiceId, revision: int = 1) -> Invoice:
        stored = self.invoices.read(name, revision)
        assert stored is not None
        return stored.invoice


def net_of(world: Months, month: int) -> Decimal:
    """Return what all live documents have of a month."""
    own = f"c-acme/{MONTHS[month].name}"
    lines = [(line, one) for one in world.live() for line in one.lines]
    return sum(
        (
            line.amount.amount
            for line, one in lines
            if (line.adjusts.invoice_id if line.adjusts else one.invoice_id) == own
        ),
        Decimal(0),
    )


def test_a_voided_invoice_is_reversed_in_whole_by_a_credit_note_and_waits_for_it_to_be_posted() -> None:
    world = Months(calls(150))
    world.close(0)

    note = world.void(OCTOBERS, posted=False)

    october = world.of(OCTOBERS)
    assert (note.state, note.credited.gross) == (CreditNoteState.ISSUED, october.gross)
    assert october.state is InvoiceState.VOIDING
    assert october.voided is not None
    assert october.voided.by == note.credit_note_id


def test_what_was_voided_in_the_erp_is_no_finding_any_more_once_it_is_voided_here() -> None:
    world = Months(calls(150))
    world.close(0)
    world.post(posting_id(OCTOBERS, 1))
    posting = world.invoices.intents.read(posting_id(OCTOBERS, 1))
    assert posting is not None
    voided_there = Settlement(
        external_ref=posting.document.external_ref,
        kind=DocumentKind.INVOICE,
        erp_number="INV-7",
        status=SettlementStatus.VOIDED,
        open_amount=euros("0.00"),
        changed_at=world.clock.now(),
    )
    standing = receivable(posting, voided_there)
    world.exceptions.report(list(findings(standing, TakenBack(), looked_at=world.clock.now())))

    world.void(OCTOBERS, posted=False)

    assert [record.code for record in world.exceptions.open.values()] == []


def test_an_invoice_whose_posting_was_cancelled_is_voided_without_the_erp() -> None:
    world = Months(calls(150))
    world.close(0)
    world.give_up(posting_id(OCTOBERS, 1))
    world.fail(OCTOBERS)
    note, _ = world.issuer.answer(world.asked(OCTOBERS))
    assert (note.state, world.of(OCTOBERS).state) == (CreditNoteState.ISSUED, InvoiceState.VOIDING)

    world.give_up(PostingId(note.credit_note_id))  # as whoever posts it does
    world.close(0, days=3)

    assert world.of(OCTOBERS).state is InvoiceState.VOIDED
    assert world.of(OCTOBERS, 2).state is InvoiceState.POSTED


def test_an_invoice_that_its_erp_refused_for_what_it_has_no_name_for_is_voided_without_that_name() -> None:
    world = Months(calls(150))
    world.close(0)
    world.give_up(posting_id(OCTOBERS, 1))
    world.fail(OCTOBERS)
    world.publish(catalog(entity=nimbus(products=["platform"])), "v2")  # and none for the calls

    note, _ = world.issuer.answer(world.asked(OCTOBERS))

    assert (note.state, world.of(OCTOBERS).state) == (CreditNoteState.ISSUED, InvoiceState.VOIDING)


def test_what_was_given_up_and_voided_is_not_billed_anew_where_the_contract_ends_before_it() -> None:
    world = Months(calls(150))
    world.close(0)
    world.use(80, month=1)
    world.close(1)
    world.give_up(posting_id(NOVEMBERS, 1))
    world.fail(NOVEMBERS)

    world.publish(catalog(contracts=[contract(active=Period(MONTHS[0].start, MONTHS[1].start))]), "v2")
    note, _ = world.issuer.answer(world.asked(NOVEMBERS))
    world.give_up(PostingId(note.credit_note_id))  # as whoever posts it does
    world.close(1, days=3)
    world.close(2)

    assert [invoice.invoice_id for invoice in world.live()] == [OCTOBERS]
    assert world.of(NOVEMBERS).state is InvoiceState.VOIDED
    assert (net_of(world, 0), net_of(world, 1)) == (world.of(OCTOBERS).net.amount, Decimal(0))


def test_an_invoice_whose_posting_was_cancelled_is_not_credited_in_part() -> None:
    world = Months(calls(150))
    world.close(0)
    world.give_up(posting_id(OCTOBERS, 1))
    world.fail(OCTOBERS)
    share = replace(world.asked(OCTOBERS), purpose=CreditPurpose.GOODWILL)

    with pytest.raises(CreditRefusedError, match="the posting of DE-000001 was cancelled: void it"):
        world.issuer.answer(share)


def test_nothing_is_billed_anew_before_the_reversal_is_posted() -> None:
    world = Months(calls(150))
    world.close(0)
    note = world.void(OCTOBERS, posted=False)

    world.close(0, days=3)
    assert world.invoices.read(OCTOBERS, 2) is None

    world.post(PostingId(note.credit_note_id))
    world.close(0, days=4)
    assert world.of(OCTOBERS).state is InvoiceState.VOIDED
    assert world.of(OCTOBERS, 2).state is InvoiceState.POSTED


def test_the_next_revision_has_a_number_and_a_posting_of_its_own_and_todays_prices() -> None:
    world = Months(calls(150))
    world.close(0)
    world.void(OCTOBERS)
    dearer = usage_charge(price(Graduated((Tier(None, Decimal(1)),))))
    world.publish(catalog(plans=[plan(BASE_FEE, dearer)]), "v2")

    world.close(0, days=3)

    before, anew = world.of(OCTOBERS), world.of(OCTOBERS, 2)
    assert anew.number != before.number
    assert (before.net, anew.net) == (euros("111.50"), euros("249.00"))
    assert world.invoices.intents.read(posting_id(OCTOBERS, 2)) is not None


def test_a_bill_run_that_has_rebilled_has_nothing_more_to_do() -> None:
    world = Months(calls(150))
    world.close(0)
    world.void(OCTOBERS)
    world.close(0, days=3)

    world.close(0, days=4)

    assert [one.revision for one in world.invoices.every()] == [1, 2]


def test_what_a_later_invoice_has_billed_of_the_month_is_not_billed_anew() -> None:
    world = Months()
    world.use(100)
    world.close(0)
    world.use(50)
    world.close(1)
    (late,) = [line for line in world.of(NOVEMBERS).lines if line.adjusts]

    world.void(OCTOBERS)
    world.close(1, days=3)

    anew = world.of(OCTOBERS, 2)
    assert (anew.net.amount, late.amount.amount) == (world.of(OCTOBERS).net.amount, late.amount.amount)
    (usage,) = [line for line in anew.lines if line.meter]
    assert usage.adjusts is not None
    assert (usage.quantity, usage.adjusts.quantity) == (Decimal(100), Decimal(50))
    assert sum(part.units for part in usage.parts) == Decimal(150)


def test_usage_that_came_after_the_void_is_on_the_new_invoice_and_on_no_other() -> None:
    world = Months()
    world.use(100)
    world.close(0)
    world.void(OCTOBERS)
    world.use(50)

    world.close(1)
    world.close(2)

    (usage,) = [line for line in world.of(OCTOBERS, 2).lines if line.meter]
    assert usage.quantity == Decimal(150)
    assert not any(line.adjusts for line in world.of(NOVEMBERS).lines)


def test_a_month_that_a_voided_invoice_had_adjusted_is_adjusted_again() -> None:
    world, untouched = Months(), Months()
    for one in (world, untouched):
        one.use(100)
        one.close(0)
        one.use(50)
        one.close(1)

    world.void(NOVEMBERS)
    world.close(1, days=3)

    assert net_of(world, 0) == net_of(untouched, 0)
    assert [line.line_id for line in world.of(NOVEMBERS, 2).lines] == [
        line.line_id for line in untouched.of(NOVEMBERS).lines
    ]


def test_what_was_adjusted_twice_is_whole_after_the_first_of_both_is_voided() -> None:
    world, untouched = Months(), Months()
    for one in (world, untouched):
        one.use(100)
        one.close(0)
        one.use(50)
        one.close(1)
        one.use(7)
        one.close(2)

    world.void(NOVEMBERS)
    world.close(2, days=3)

    assert [net_of(world, month) for month in range(3)] == [net_of(untouched, month) for month in range(3)]
    assert world.exceptions.open == {}


def test_an_invoice_is_voided_again_after_it_was_billed_anew() -> None:
    world = Months(calls(150))
    world.close(0)
    world.void(OCTOBERS)
    world.close(0, days=3)

    world.void(OCTOBERS)
    world.close(0, days=4)

    assert [(one.revision, one.state.value) for one in world.invoices.every()] == [
        (1, "voided"),
        (2, "voided"),
        (3, "posted"),
    ]


def test_what_waits_for_its_approver_is_no_base_any_more_and_is_drafted_anew() -> None:
    world = Months()
    world.use(100)
    world.close(0)
    world.use(50)
    world.usage.sealed = MONTHS[1].end
    selection = world.select((MONTHS[1].end + timedelta(days=2)).replace(hour=6))
    world.start(selection)
    (batch,) = selection.batches
    (world.account,) = world.bill_runs.batch(selection.bill_run_id, batch)
    world.build(selection)
    world.tax()
    world.validate()

    world.void(OCTOBERS)
    with pytest.raises(CreditedMeanwhileError):
        world.issue()
    world.close(1, days=3)

    assert net_of(world, 0) == world.of(OCTOBERS, 2).net.amount
    assert world.of(NOVEMBERS).state is InvoiceState.POSTED


def test_asked_twice_it_is_voided_once() -> None:
    world = Months(calls(150))
    world.close(0)

    first = world.void(OCTOBERS)
    again, _ = world.issuer.answer(world.asked(OCTOBERS))

    assert again == first
    assert world.invoices.voids(again.contract_id) == 1


def test_a_second_void_is_refused_in_words() -> None:
    world = Months(calls(150))
    world.close(0)
    world.void(OCTOBERS, posted=False)

    with pytest.raises(
        CreditRefusedError, match="DE-000001 is being voided: c-acme/2026-10/r1/credit/void reverses it"
    ):
        world.issuer.answer(replace(world.asked(OCTOBERS), request_id="again"))
    world.post(PostingId("c-acme/2026-10/r1/credit/void"))
    world.select(MONTHS[0].end + timedelta(days=3))
    with pytest.raises(CreditRefusedError, match="DE-000001 is voided already"):
        world.issuer.answer(replace(world.asked(OCTOBERS), request_id="again"))


def test_whoever_credits_a_voided_invoice_is_told_which_revision_stands() -> None:
    world = Months(calls(150))
    world.close(0)
    world.void(OCTOBERS)
    world.close(0, days=3)
    world.post(PostingId("c-acme/2026-10/r2"))
    goodwill = replace(world.asked(OCTOBERS), request_id="sla-7", purpose=CreditPurpose.GOODWILL)

    with pytest.raises(CreditRefusedError, match="DE-000001 is voided: credit what bills it anew, revision 2"):
        world.issuer.answer(goodwill)
    note, _ = world.issuer.answer(replace(goodwill, revision=2))

    assert note.state is CreditNoteState.ISSUED


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("approval", [None, CLARA])
def test_whoever_dies_at_any_call_is_repeated_to_one_void(approval: ApprovalPolicy | None, *, after: bool) -> None:
    deaths = 0
    for call in range(1, 200):
        world, countdown = Months(calls(150)), [call]
        world.close(0)
        world.post(posting_id(OCTOBERS, 1))
        world.publish(catalog(entity=nimbus(approval=approval)), "v2")
        ports = {name: MortalPort(getattr(world.issuer, name), countdown, after=after) for name in PORTS}
        dying = replace(world.issuer, **cast("dict[str, Any]", ports))
        decision = ApprovalDecision(approved=True, decided_by=CLARA.approver, decided_at=world.clock.now())
        says = CreditDecision(invoice_id=OCTOBERS, revision=1, request_id="void", decision=decision)
        for said in (world.asked(OCTOBERS), says) if approval else (world.asked(OCTOBERS),):
            try:
                dying.answer(said)
            except ConnectionError:
                deaths += 1
                dying.answer(said)

        (note,) = world.notes.of_invoice(OCTOBERS, 1)
        assert (note.state, note.number) == (CreditNoteState.ISSUED, "DE-CN-000001")
        assert set(world.asked_for) == {str(note.credit_note_id)}
        assert world.exceptions.open == {}
        assert (world.of(OCTOBERS).state, world.invoices.voids(note.contract_id)) == (InvoiceState.VOIDING, 1)
        if countdown[0] > 0:
            break
    assert deaths == call - 1


@pytest.mark.parametrize("after", [False, True])
def test_a_bill_run_that_dies_at_any_call_is_repeated_to_one_invoice_billed_anew(*, after: bool) -> None:
    deaths = 0
    for call in range(1, 400):
        countdown = [0]
        world = Months(calls(150), watch=partial(MortalPort, countdown=countdown, after=after))
        world.close(0)
        world.void(OCTOBERS)
        countdown[0] = call
        try:
            world.close(0, days=3)
        except ConnectionError:
            deaths += 1
            world.executions.end_all(ExecutionStatus.FAILED)
            world.close(0, days=4)

        before, anew = world.invoices.every()
        assert (before.state, anew.revision) == (InvoiceState.VOIDED, 2)
        assert anew.state in ISSUED_STATES
        assert (anew.number, anew.net) == ("DE-000002", before.net)
        if countdown[0] > 0:
            break
    assert deaths > call / 2  # the start tries again by itself


def test_what_is_not_posted_is_not_voided() -> None:
    world = Months(calls(150))
    world.close(0)

    with pytest.raises(CreditRefusedError, match="DE-000001 is not in its ERP yet"):
        world.issuer.answer(world.asked(OCTOBERS))


def test_what_is_filed_is_not_voided() -> None:
    world = Months(calls(150))
    world.close(0)
    world.publish(catalog(entity=replace(nimbus(), closed_through=date(2026, 11, 30))), "v2")

    with pytest.raises(CreditRefusedError, match="nimbus-de is closed through 2026-11-30: what is filed is not voided"):
        world.void(OCTOBERS)


def test_a_part_is_not_voided() -> None:
    world = Months(calls(150))
    world.close(0)
    world.post(posting_id(OCTOBERS, 1))
    part = LinesCredit((LineAmount(world.of(OCTOBERS).lines[0].line_id, euros("1.00")),))

    with pytest.raises(CreditRefusedError, match="voided whole"):
        world.issuer.answer(replace(world.asked(OCTOBERS), credit=part))


def test_an_invoice_of_which_nothing_is_left_is_not_voided() -> None:
    world = Months(calls(150))
    world.close(0)
    world.post(posting_id(OCTOBERS, 1))
    goodwill = replace(world.asked(OCTOBERS), request_id="gift", purpose=CreditPurpose.GOODWILL)
    world.issuer.answer(goodwill)

    with pytest.raises(CreditRefusedError, match="nothing is left of DE-000001"):
        world.void(OCTOBERS)


def test_a_void_takes_back_what_is_left_after_goodwill_and_nothing_of_what_a_later_invoice_took_off() -> None:
    world = Months()
    world.use(100)
    world.close(0)
    world.use(-40)
    world.close(1)
    october = world.of(OCTOBERS)
    world.post(posting_id(OCTOBERS, 1))
    fee = LinesCredit((LineAmount(october.lines[0].line_id, euros("10.00")),))
    goodwill = replace(world.asked(OCTOBERS), request_id="gift", credit=fee, purpose=CreditPurpose.GOODWILL)
    gift, _ = world.issuer.answer(goodwill)

    note = world.void(OCTOBERS)
    world.close(1, days=3)

    assert note.credited.gross + gift.credited.gross == october.gross
    (usage,) = [line for line in world.of(OCTOBERS, 2).lines if line.meter]
    assert usage.quantity == Decimal(100)


def test_an_invoice_over_several_contracts_is_credited_and_not_voided() -> None:
    world = Months(calls(150))
    world.close(0)
    member = MemberBill(
        invoice_id=InvoiceId("c-daughter/2026-10"),
        customer_id=CustomerId("daughter"),
        contract_id=ContractId("c-daughter"),
        revision=1,
        version=1,
    )
    stored = world.invoices.read(OCTOBERS, 1)
    assert stored is not None
    shared = replace(stored.invoice, members=(member,))
    world.invoices.save(replace(stored, invoice=shared, version=stored.version + 1))

    with pytest.raises(CreditRefusedError, match="DE-000001 has the lines of several contracts"):
        world.void(OCTOBERS)


def test_fees_in_advance_that_the_next_invoice_has_set_right_are_not_billed_anew() -> None:
    world = Months()
    in_advance = replace(BASE_FEE, fee=replace(BASE_FEE.fee, billed=Billed.IN_ADVANCE))
    world.publish(catalog(plans=[plan(in_advance, usage_charge())]))
    for month in range(3):
        world.close(month)
    untouched = {month: fee_of(world, month) for month in range(1, 3)}

    world.void(OCTOBERS)
    world.void(NOVEMBERS)
    world.close(2, days=3)

    assert {month: fee_of(world, month) for month in range(1, 3)} == untouched
    assert [len(one.lines) for one in world.live()] == [2, 1, 1]


def fee_of(world: Months, month: int) -> Decimal:
    """Return what all live documents have billed of a month's fee, in advance or after it."""
    lines = (line for one in world.live() for line in one.lines if line.meter is None)
    return sum((line.amount.amount for line in lines if line.service_period.start in MONTHS[month].period), Decimal(0))
