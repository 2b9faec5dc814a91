"""One invoice over several contracts: each is rated by itself, and taxed, numbered, sent and posted together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.build_invoice.use_case import BuildStatus
from functions.issue_credit_note.crediting import Crediting, NothingToCreditError, crediting
from functions.issue_credit_note.left_over import LeftOverCredited, LeftOverCreditor
from functions.issue_credit_note.use_case import CreditNoteIssuer
from functions.issue_invoice.use_case import MemberBillChangedError
from functions.validate_invoice.use_case import Verdict
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import InvoiceId, LegalEntityId, PostingId
from shared.domain.invoicing.bill_run_record import faults_of
from shared.domain.invoicing.credit_note import CreditNote, CreditPurpose, LineAmount, LinesCredit
from shared.domain.invoicing.crediting import CreditRefusedError
from shared.domain.invoicing.invoice import Invoice, InvoiceRevision, InvoiceState, period_of
from shared.domain.master_data.catalog import Contract
from shared.domain.money import Money, total
from shared.domain.posting.intent import IntentState, new_intent
from shared.domain.posting.outcome import ErpRef
from shared.domain.reconciliation.billed_usage import billed_usage
from shared.domain.reconciliation.cash import invoice_checks
from shared.domain.time_period import BillingPeriod, billing_period_containing
from shared.ports.invoice_executions import ExecutionStatus
from shared.ports.invoices import CreditedMeanwhileError
from tests.builders.billing import BERLIN, EUR, MID_OCTOBER, OCTOBER, SECOND_OF_NOVEMBER, calls, euros
from tests.builders.consolidation import C_ACME, C_LABS, LABS, TOGETHER, account_of, calls_of_labs, two_contracts
from tests.builders.credit_notes import a_request
from tests.fakes.billing_world import BillingWorld
from tests.fakes.crediting_world import StoredExceptions
from tests.fakes.in_memory_credit_notes import InMemoryCreditNotes
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents
from tests.fakes.in_memory_receivables import InMemoryReceivables

NOVEMBER = billing_period_containing(OCTOBER.end, BERLIN)
DECEMBER = billing_period_containing(NOVEMBER.end, BERLIN)
GERMANY = LegalEntityId("nimbus-de")
OF_ACME, OF_LABS = InvoiceId("c-acme/2026-10"), InvoiceId("c-labs/2026-10")


class Together(BillingWorld):
    """Both contracts on one invoice, unless other members are given."""

    def __init__(self, *windows: object, members: Iterable[Contract] = (TOGETHER,)) -> None:
        super().__init__(*windows)  # type: ignore[arg-type]
        self.publish(two_contracts(*members))

    def bill(self, month: BillingPeriod, *, days_after: int = 2) -> list[Invoice]:
        """Run a bill run and all that it selects; return what is issued or billed of the month by then."""
        self.usage.sealed = month.end
        as_of = run_after(month, days_after)
        selection = self.select(as_of)
        self.start(selection)
        for batch in selection.batches:
            for account in self.bill_runs.batch(selection.bill_run_id, batch):
                self.account = account
                self._walk(selection)
        self.executions.end_all(ExecutionStatus.SUCCEEDED)
        return sorted((one for one in self.invoices.every() if one.billing_period == month), key=_name)

    def of(self, name: InvoiceId, revision: int = 1) -> Invoice:
        stored = self.invoices.read(name, revision)
        assert stored is not None
        return stored.invoice


def run_after(month: BillingPeriod, days: int = 2) -> datetime:
    return (month.end + timedelta(days=days)).replace(hour=6)


def _name(invoice: Invoice) -> str:
    return invoice.invoice_id


def test_the_lead_is_selected_alone_and_its_invoice_has_the_lines_of_both() -> None:
    world = Together(calls(150), calls_of_labs(40))

    of_acme, of_labs = world.bill(OCTOBER)

    assert [(line.contract_id, line.line_id, line.amount) for line in of_acme.lines] == [
        (None, "s-acme/base-fee", euros("99.00")),
        (None, "s-acme/api-calls", euros("12.50")),
        ("c-labs", "c-labs|s-labs/api-calls", euros("4.00")),
    ]
    assert (of_acme.net, of_acme.tax, of_acme.gross) == (euros("115.50"), euros("21.95"), euros("137.45"))
    assert (of_acme.state, of_acme.number) == (InvoiceState.POSTED, "DE-000001")
    assert (of_labs.state, of_labs.number) == (InvoiceState.CONSOLIDATED, "DE-000001")
    assert of_labs.consolidated_on == InvoiceRevision(OF_ACME, 1)
    assert (of_labs.invoice_date, of_labs.due_date) == (of_acme.invoice_date, of_acme.due_date)
    assert world.invoices.series(GERMANY, "DE-").last == 1
    assert world.exceptions.open == {}


def test_a_later_bill_run_has_nothing_more_to_do_with_either() -> None:
    world = Together(calls(150), calls_of_labs(40))
    world.bill(OCTOBER)

    assert world.select(run_after(OCTOBER, 3)).batches == ()


def test_without_invoiced_with_each_contract_has_an_invoice_of_its_own() -> None:
    world = Together(calls(150), calls_of_labs(40), members=[C_LABS])

    issued = world.bill(OCTOBER)

    assert [(one.invoice_id, one.gross) for one in issued] == [(OF_ACME, euros("132.69")), (OF_LABS, euros("4.76"))]
    assert {one.number for one in issued} == {"DE-000001", "DE-000002"}


def test_late_usage_of_a_member_is_on_the_next_invoice_of_its_lead() -> None:
    world = Together(calls(150), calls_of_labs(40))
    world.bill(OCTOBER)
    world.usage.come_late(calls_of_labs(10))

    of_acme, of_labs = world.bill(NOVEMBER)

    late = of_acme.lines[-1]
    assert (late.contract_id, late.line_id, late.amount) == (
        "c-labs",
        "c-labs|s-labs/api-calls@2026-10",
        euros("1.00"),
    )
    assert late.adjusts is not None
    assert (late.adjusts.invoice_id, late.adjusts.invoice_number) == (OF_LABS, "DE-000001")
    assert "adjusts DE-000001" in late.description
    assert [one.invoice_id for one in of_labs.adjusted] == [OF_LABS]
    assert of_acme.adjusted == ()


def test_a_member_with_nothing_to_bill_is_no_part_of_the_invoice() -> None:
    world = Together(calls(150))

    of_acme, of_labs = world.bill(OCTOBER)

    assert (of_acme.gross, of_acme.members) == (euros("132.69"), ())
    assert (of_labs.state, of_labs.number) == (InvoiceState.NOTHING_TO_BILL, None)


def test_a_lead_with_nothing_of_its_own_bills_its_members() -> None:
    world = Together(calls(150))
    labs = replace(C_LABS, bill_to=None)  # the other way round: labs is the lead, and pays
    source = two_contracts(replace(C_ACME, invoiced_with=labs.contract_id, bill_to=LABS.customer_id), lead=labs)
    world.publish(replace(source, customers=tuple(replace(one, country="DE") for one in source.customers)))

    of_acme, of_labs = world.bill(OCTOBER)

    assert of_acme.state is InvoiceState.CONSOLIDATED
    assert (of_labs.own_lines, of_labs.gross, of_labs.number) == ((), euros("132.69"), "DE-000001")


def test_where_nobody_has_anything_there_is_no_invoice() -> None:
    world = Together(members=[TOGETHER])
    world.publish(two_contracts(TOGETHER, lead=replace(C_ACME, subscriptions=C_LABS.subscriptions)))

    assert {one.state for one in world.bill(OCTOBER)} == {InvoiceState.NOTHING_TO_BILL}


def test_the_invoice_waits_for_the_usage_of_a_member_that_is_held_and_says_so() -> None:
    world = Together(calls(150), calls_of_labs(40))
    world.holds.place(LABS.customer_id, "2026-10", "conflict")

    of_acme, of_labs = world.bill(OCTOBER)

    assert (of_acme.state, of_labs.state) == (InvoiceState.INVALID, InvoiceState.DRAFT)
    assert "the usage behind it is held: conflict, of acme-labs" in [issue.message for issue in of_acme.issues]
    world.holds.release(LABS.customer_id, "2026-10", "conflict")
    of_acme, of_labs = world.bill(OCTOBER, days_after=3)
    assert (of_acme.gross, of_labs.state) == (euros("137.45"), InvoiceState.CONSOLIDATED)
    assert world.exceptions.open == {}


def test_what_stops_a_member_stops_the_invoice_and_names_the_contract() -> None:
    world = Together(calls(150), calls_of_labs(40))
    unpriced = two_contracts(TOGETHER)
    (full, payg) = unpriced.plans
    charge = replace(payg.charges[0], prices=())
    world.publish(replace(unpriced, plans=(full, replace(payg, charges=(charge,)))))

    of_acme, _ = world.bill(OCTOBER)

    assert of_acme.state is InvoiceState.INVALID
    assert any(issue.path.startswith("c-labs") for issue in of_acme.issues)
    world.publish(two_contracts(TOGETHER), version="v2")
    of_acme, of_labs = world.bill(OCTOBER, days_after=3)
    assert (of_acme.gross, of_labs.state) == (euros("137.45"), InvoiceState.CONSOLIDATED)


def test_a_later_bill_run_drafts_the_bills_anew_with_the_invoice() -> None:
    world = Together(calls(150), calls_of_labs(40))
    world.build(world.select())  # and its execution ends here
    world.usage.windows.append(calls_of_labs(10, at=MID_OCTOBER + timedelta(days=1)))

    of_acme, of_labs = world.bill(OCTOBER, days_after=3)

    assert of_acme.lines[-1].amount == euros("5.00")
    assert [line.quantity for line in of_labs.lines] == [50]
    assert of_labs.prepared_by == of_acme.prepared_by


def test_a_bill_that_changes_under_an_approved_invoice_keeps_it_from_being_issued() -> None:
    """The contract leaves the group while the invoice waits: it is not billed twice, and not lost either."""
    world = Together(calls(150), calls_of_labs(40))
    world.build(world.select())
    world.tax()
    assert world.validate() is Verdict.VALID
    world.publish(two_contracts(C_LABS), version="v2")
    of_acme, world.account = world.account, account_of(C_LABS, OCTOBER)
    assert world.build(world.select(run_after(OCTOBER, 3))) is BuildStatus.DRAFT
    world.account = of_acme

    with pytest.raises(MemberBillChangedError):
        world.issue()

    assert world.invoices.series(GERMANY, "DE-").last == 0
    issued = world.bill(OCTOBER, days_after=4)
    assert [(one.state, one.gross) for one in issued] == [
        (InvoiceState.POSTED, euros("132.69")),
        (InvoiceState.POSTED, euros("4.76")),
    ]


def test_what_the_invoice_of_the_lead_was_issued_without_has_one_of_its_own() -> None:
    world = Together(calls(150), calls_of_labs(40), members=())
    world.bill(OCTOBER)
    world.publish(two_contracts(TOGETHER), version="v2")

    _, of_labs = world.bill(OCTOBER, days_after=3)

    assert (of_labs.state, of_labs.gross, of_labs.consolidated_on) == (InvoiceState.POSTED, euros("4.76"), None)
    of_acme, of_labs = world.bill(NOVEMBER)
    assert (of_acme.state, of_labs.state) == (InvoiceState.POSTED, InvoiceState.NOTHING_TO_BILL)


def test_what_was_begun_as_an_invoice_of_its_own_goes_on_so() -> None:
    world = Together(calls(150), calls_of_labs(40), members=[C_LABS])
    world.account = account_of(C_LABS, OCTOBER)
    world.build(world.select())
    world.publish(two_contracts(TOGETHER), version="v2")

    of_acme, of_labs = world.bill(OCTOBER, days_after=3)

    assert (of_acme.gross, of_labs.gross) == (euros("132.69"), euros("4.76"))
    assert {of_acme.state, of_labs.state} == {InvoiceState.POSTED}


def test_the_record_of_a_bill_run_counts_the_invoice_once() -> None:
    world = Together(calls(150), calls_of_labs(40))
    world.bill(OCTOBER)

    record = world.recorder.record(world.recorder.newest())

    assert (record.selected, record.built) == (1, 1)
    assert [(one.gross, one.lines, one.taxes) for one in record.amounts] == [
        (euros("137.45"), euros("115.50"), euros("21.95"))
    ]
    assert faults_of(record) == ()


def test_the_tie_out_has_the_usage_of_both_once_and_the_invoice_once() -> None:
    windows = (calls(150), calls_of_labs(40))
    world = Together(*windows)
    invoices = world.bill(OCTOBER)
    matches = {(line.subscription_id, line.charge_id): () for one in invoices for line in one.lines}

    usage = billed_usage(invoices, invoices, {one.key: one.state for one in windows}, {}, matches)  # type: ignore[arg-type]

    assert sorted((one.own_invoice, int(one.rated), int(one.metered)) for one in usage.charges) == [
        (OF_ACME, 150, 150),
        (OF_LABS, 40, 40),
    ]
    assert usage.lines_of_window[windows[1].key] == ((OF_LABS, "s-labs/api-calls"),)
    checks = invoice_checks([one for one in invoices if one.state is InvoiceState.POSTED])
    assert all(check.ties for check in checks)
    assert [check.right for check in checks] == [euros("115.50").amount, euros("137.45").amount]


def posted(world: Together) -> InMemoryPostingIntents:
    """Return the outbox once the ERP has October's invoice."""
    sent = world.invoices.intents.read(PostingId(f"{OF_ACME}/r1"))
    assert sent is not None
    intents = InMemoryPostingIntents()
    intent = new_intent(sent.document, created_at=SECOND_OF_NOVEMBER)
    intents.add(replace(intent, state=IntentState.POSTED, erp_ref=ErpRef("inv-1")))
    return intents


def credited(world: Together, name: InvoiceId) -> Crediting:
    return crediting(
        name,
        1,
        notes=InMemoryCreditNotes(world.invoices),
        invoices=world.invoices,
        intents=posted(world),
        receivables=InMemoryReceivables(),
        master_data=world.master_data,
    )


def issuer_of(world: Together) -> CreditNoteIssuer:
    return CreditNoteIssuer(
        notes=InMemoryCreditNotes(world.invoices),
        invoices=world.invoices,
        intents=posted(world),
        receivables=InMemoryReceivables(),
        master_data=world.master_data,
        document_requests=Unheard(),
        posting_requests=Unheard(),
        tax_requests=Unheard(),
        exceptions=world.exceptions,
        clock=world.clock,
    )


def correct(world: Together, line_id: str, amount: str) -> CreditNote:
    """Issue a credit note that corrects one line of October's invoice."""
    credit = LinesCredit((LineAmount(line_id, euros(amount)),))
    return issuer_of(world).request(replace(a_request(world.of(OF_ACME), credit), purpose=CreditPurpose.CORRECTION))


class Unheard:
    """Nobody listens to what is asked for."""

    def request(self, what: object, *, after: timedelta = timedelta(0)) -> None:
        """Do nothing."""


def test_a_correction_counts_as_billed_of_the_contract_whose_line_it_takes_off() -> None:
    world = Together(calls(150), calls_of_labs(40))
    world.bill(OCTOBER)
    correct(world, "c-labs|s-labs/api-calls", "1.00")
    world.usage.come_late(calls_of_labs(-10))  # what was corrected by hand is voided as well

    of_acme, of_labs = world.bill(NOVEMBER)

    assert [(line.line_id, line.amount) for line in of_acme.lines] == [
        ("s-acme/base-fee", euros("99.00")),
        ("c-labs|s-labs/api-calls@2026-10", euros("0.00")),  # ten calls less, for what is taken off already
    ]
    assert of_acme.adjusted == ()
    (october,) = of_labs.adjusted
    assert (october.invoice_id, len(october.credited)) == (OF_LABS, 1)


def test_a_correction_since_the_draft_keeps_the_invoice_from_being_issued() -> None:
    world = Together(calls(150), calls_of_labs(40))
    world.bill(OCTOBER)
    world.usage.come_late(calls_of_labs(10))
    world.usage.sealed = NOVEMBER.end
    world.account = account_of(C_ACME, NOVEMBER)
    world.build(world.select(run_after(NOVEMBER)))
    world.tax()
    world.validate()
    correct(world, "c-labs|s-labs/api-calls", "1.00")

    with pytest.raises(CreditedMeanwhileError):
        world.issue()

    of_acme, _ = world.bill(NOVEMBER, days_after=3)
    assert (of_acme.state, of_acme.lines[-1].amount) == (InvoiceState.POSTED, euros("2.00"))
    assert world.exceptions.open == {}


def test_the_invoice_is_credited_and_no_bill_on_it() -> None:
    world = Together(calls(150), calls_of_labs(40))
    world.bill(OCTOBER)

    of = credited(world, OF_ACME)
    with pytest.raises(NothingToCreditError, match="are on the invoice c-acme/2026-10: credit that one"):
        credited(world, OF_LABS)

    assert of.invoice.gross == euros("137.45")
    assert of.lowered == {}


def test_a_shared_invoice_is_credited_whole_where_a_void_is_refused() -> None:
    world = Together(calls(150), calls_of_labs(40))
    world.bill(OCTOBER)
    asked = a_request(world.of(OF_ACME))

    with pytest.raises(CreditRefusedError, match="DE-000001 has the lines of several contracts: take back by credit"):
        issuer_of(world).request(replace(asked, request_id="void", purpose=CreditPurpose.VOID))
    note = issuer_of(world).request(asked)

    assert note.credited.gross == euros("137.45")
    assert [line.line_id for line in note.credited.lines][-1] == "c-labs|s-labs/api-calls"


def test_what_a_members_next_bill_takes_off_is_not_credited_again() -> None:
    world = Together(calls(150), calls_of_labs(40))
    world.bill(OCTOBER)
    world.usage.windows.append(calls_of_labs(90, at=OCTOBER.end))
    world.usage.come_late(calls_of_labs(-10))  # ten were voided
    world.bill(NOVEMBER)

    of = credited(world, OF_ACME)

    assert of.lowered == {"c-labs|s-labs/api-calls": euros("-1.00")}


def test_what_a_members_bill_cannot_take_is_credited_on_the_invoice_of_its_lead() -> None:
    world = Together(calls(150), calls_of_labs(40))
    world.exceptions = exceptions = StoredExceptions()
    world.bill(OCTOBER)
    world.usage.come_late(calls_of_labs(-10))
    world.bill(NOVEMBER)
    assert exceptions.kept_back() == [OF_LABS]

    done = LeftOverCreditor(issuer=issuer_of(world), open_exceptions=exceptions.store).credit_all(run_after(NOVEMBER))

    (note,) = InMemoryCreditNotes(world.invoices).of_invoice(OF_ACME, 1)
    assert done == LeftOverCredited(issued=1, settled=1)
    assert {line.line_id: line.amount for line in note.credited.lines} == {"c-labs|s-labs/api-calls": euros("1.00")}
    assert exceptions.kept_back() == []
    of_labs = world.bill(DECEMBER)[-1]
    assert of_labs.net == euros("0.00")


COUNTS = st.integers(min_value=0, max_value=400)
ARRIVALS = st.lists(st.tuples(st.booleans(), st.integers(0, 2), COUNTS, st.booleans()), max_size=12)


@settings(max_examples=20)
@given(ARRIVALS)
def test_lines_come_to_the_same_however_contracts_are_invoiced(arrivals: list[tuple[bool, int, int, bool]]) -> None:
    """Whoever uses what in which month, in time or late: only tax differs, which is worked out for each invoice."""
    together, apart = Together(), Together(members=[C_LABS])
    for world in (together, apart):
        for number, month in enumerate((OCTOBER, NOVEMBER, DECEMBER)):
            used = [
                (calls_of_labs if of_labs else calls)(count, at=month.start + timedelta(hours=hour))
                for hour, (of_labs, used_in, count, _) in enumerate(arrivals)
                if used_in == number
            ]
            late = [is_late for _, used_in, _, is_late in arrivals if used_in == number]
            world.usage.windows += [usage for usage, comes_late in zip(used, late, strict=True) if not comes_late]
            world.bill(month)
            world.usage.come_late(*(usage for usage, comes_late in zip(used, late, strict=True) if comes_late))

    assert net_by_line(together) == net_by_line(apart)
    for invoice in together.invoices.every():
        if invoice.number is not None and invoice.consolidated_on is None:
            (tax,) = invoice.taxes
            assert tax.amount == (total((line.amount for line in invoice.lines), EUR) * tax.rate).rounded()


def net_by_line(world: Together) -> dict[tuple[InvoiceId, str], Money]:
    """Return what all invoices that were sent come to, by contract, billing period and line name."""
    sums: defaultdict[tuple[InvoiceId, str], Money] = defaultdict(lambda: Money.zero(EUR))
    for invoice in world.invoices.every():
        if invoice.number is not None and invoice.consolidated_on is None:
            for line in invoice.lines:
                sums[period_of(line, invoice), line.name] += line.amount
    return dict(sums)


def test_the_exceptions_of_a_member_are_told_once_it_is_drafted() -> None:
    world = Together(calls(150), calls_of_labs(40))
    world.bill(OCTOBER)
    world.usage.come_late(calls_of_labs(10))
    world.holds.place(LABS.customer_id, "2026-10", "recount differs")

    world.bill(NOVEMBER)

    (told,) = world.exceptions.open.values()
    assert (told.code, told.subject) == (ExceptionCode.ADJUSTMENT_KEPT_BACK, OF_LABS)
    world.holds.release(LABS.customer_id, "2026-10", "recount differs")
    of_acme, _ = world.bill(DECEMBER)
    assert of_acme.lines[-1].line_id == "c-labs|s-labs/api-calls@2026-10"
    assert world.exceptions.open == {}
