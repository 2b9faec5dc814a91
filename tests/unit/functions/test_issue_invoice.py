"""issue_invoice: one number, one posting intent, however often and however crowded."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from functions.issue_invoice.use_case import MOST_TRIES_FOR_A_NUMBER, InvoiceInvalidError, SeriesContendedError
from functions.validate_invoice.use_case import Verdict
from shared.domain.currency_exchange.converted import converted
from shared.domain.identifiers import LegalEntityId, PostingId
from shared.domain.invoicing.conversion import ExchangeRateMissingError
from shared.domain.invoicing.invoice import ApprovalDecision, InvoiceState
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.invoicing.states import TransitionNotAllowedError
from shared.domain.master_data.catalog import ApprovalPolicy, Catalog, LegalEntity
from shared.domain.master_data.tax_setup import TaxEngineName, TaxSetup
from shared.domain.posting.accounting_period import PeriodStatus
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.posting.document import PostingDocument
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.tax.intent import TaxIntent, TaxIntentId, TaxOperation
from shared.domain.tax.outcome import Quoted, TaxedLine
from shared.domain.vat_category import VatCategory
from shared.ports.invoices import SeriesMovedError, StoredInvoice
from shared.ports.posting_intents import AccountingPeriodClosedError
from tests.builders.billing import SECOND_OF_NOVEMBER, THIRD_OF_NOVEMBER, calls, catalog, euros, nimbus
from tests.builders.exchange_rates import FRIDAY, FRIDAYS_RATE, with_books_in_dollars
from tests.builders.posting import billed
from tests.fakes.billing_world import BillingWorld
from tests.fakes.in_memory_invoices import InMemoryInvoices
from tests.fakes.tax_engines import ScriptedTaxEngine

GERMANY = LegalEntityId("nimbus-de")
FROM_A_HUNDRED = ApprovalPolicy(thresholds=(euros("100.00"),), approver="dana@nimbus.example")
YES = ApprovalDecision(approved=True, decided_by="dana@nimbus.example", decided_at=SECOND_OF_NOVEMBER)


def an_approved_world() -> BillingWorld:
    world = BillingWorld(calls(150))
    world.build(world.select())
    world.tax()
    world.validate()
    return world


def test_an_issued_invoice_has_number_dates_and_a_posting_to_be_sent() -> None:
    world = an_approved_world()

    invoice = world.issue()

    assert (invoice.number, invoice.invoice_date, invoice.due_date) == (
        "DE-000001",
        date(2026, 11, 2),
        date(2026, 12, 2),
    )
    intent = world.invoices.intents.read(PostingId("c-acme/2026-10/r1"))
    assert intent is not None
    assert intent.state is IntentState.INTENT
    assert (intent.document.human_number, intent.document.gross) == ("DE-000001", euros("132.69"))


def test_issuing_again_returns_the_same_also_days_later() -> None:
    world = an_approved_world()
    first = world.issue()
    world.clock.instant = THIRD_OF_NOVEMBER

    assert world.issue() == first
    assert world.invoices.series(GERMANY, "DE-").last == 1


def test_what_is_not_approved_gets_no_number() -> None:
    world = BillingWorld(calls(150))
    world.build(world.select())

    with pytest.raises(TransitionNotAllowedError):
        world.issue()


def in_sap(**changes: str) -> LegalEntity:
    entity = nimbus(approval=FROM_A_HUNDRED)
    return replace(entity, erp=replace(entity.erp, system="sap_s4hana"), **changes)  # type: ignore[arg-type]


def an_approved_world_of(source: Catalog) -> BillingWorld:
    """Return one whose invoice has waited for dana, and by the catalogue of then its ERP would have taken it."""
    world = BillingWorld(calls(150))
    world.publish(source)
    world.build(world.select())
    world.tax()
    assert world.validate() is Verdict.NEEDS_APPROVAL
    world.request_approval()
    world.decide(YES)
    return world


def with_order(source: Catalog, order: str) -> Catalog:
    return replace(source, contracts=tuple(replace(one, purchase_order=order) for one in source.contracts))


UNMAPPED = "product api has no name in the business_central of nimbus-de"
SINCE_IT_WAS_VALIDATED = [
    (with_order(catalog(entity=in_sap()), "4" * 21), "c-acme: a purchase order of 21 characters; sap_s4hana takes 20"),
    (
        catalog(entity=in_sap(invoice_series="NIMBUS-GERMANY-")),
        "nimbus-de: a number of 21 characters; sap_s4hana takes 18",
    ),
    (catalog(entity=nimbus(approval=FROM_A_HUNDRED, products=["platform"])), f"erp: {UNMAPPED}"),
]


@pytest.mark.parametrize(("since", "why"), SINCE_IT_WAS_VALIDATED)
def test_what_its_erp_would_refuse_by_the_master_data_of_now_takes_no_number_and_is_told(
    since: Catalog, why: str
) -> None:
    world = an_approved_world_of(catalog(entity=in_sap()))
    world.publish(since, "v2")

    for _ in range(2):  # whoever died before it was told tells it again
        with pytest.raises(InvoiceInvalidError):
            world.issue()

    assert world.invoice.state is InvoiceState.INVALID
    assert [record.message for record in world.exceptions.open.values()] == [why]
    assert world.invoices.series(GERMANY, "DE-").last == 0
    assert world.invoices.intents.read(PostingId("c-acme/2026-10/r1")) is None


def test_what_was_refused_before_its_number_is_issued_by_the_next_bill_run_once_it_is_mended() -> None:
    right = catalog(entity=in_sap())
    world = an_approved_world_of(right)
    world.publish(with_order(right, "4" * 21), "v2")
    with pytest.raises(InvoiceInvalidError):
        world.issue()

    world.publish(with_order(right, "4" * 20), "v3")
    assert world.run(THIRD_OF_NOVEMBER) is InvoiceState.AWAITING_APPROVAL
    world.request_approval()
    world.decide(replace(YES, decided_at=THIRD_OF_NOVEMBER))

    assert world.issue().number == "DE-000001"
    assert world.exceptions.open == {}


def test_an_invoice_of_a_period_that_takes_no_more_postings_is_posted_into_the_next_one_that_is_open() -> None:
    world = an_approved_world()
    for month in ("2026-11", "2026-12"):
        world.invoices.intents.set_period_status(GERMANY, month, PeriodStatus.SOFT_CLOSED)

    invoice = world.issue()

    intent = world.invoices.intents.read(PostingId("c-acme/2026-10/r1"))
    assert intent is not None
    assert isinstance(intent.document, PostingDocument)
    days_of_service = {(line.service_from, line.service_to) for line in intent.document.lines}
    assert invoice.invoice_date == intent.document.document_date == date(2026, 11, 2)
    assert intent.document.posting_date == date(2027, 1, 1)
    assert world.invoices.intents.accounting_period(GERMANY, "2027-01").unsettled == 1
    assert (date(2026, 10, 1), date(2026, 10, 31)) in days_of_service


def test_the_policy_for_closed_periods_goes_with_the_posting() -> None:
    world = BillingWorld(calls(150))
    world.publish(catalog(entity=replace(nimbus(), on_closed_period=ClosedPeriodPolicy.ACCRUE)))
    world.build(world.select())
    world.tax()
    world.validate()

    world.issue()

    intent = world.invoices.intents.read(PostingId("c-acme/2026-10/r1"))
    assert intent is not None
    assert (intent.redates, intent.accrues) == (True, True)


def test_where_no_period_is_open_for_months_there_is_no_number_either() -> None:
    world = an_approved_world()
    for month in ("2026-11", "2026-12", "2027-01", "2027-02"):
        world.invoices.intents.set_period_status(GERMANY, month, PeriodStatus.SOFT_CLOSED)

    with pytest.raises(AccountingPeriodClosedError):
        world.issue()

    assert world.invoices.series(GERMANY, "DE-").last == 0
    assert world.invoice.number is None


def test_the_rate_into_the_books_is_frozen_at_issue_and_told_the_erp() -> None:
    world = BillingWorld(calls(150))
    world.publish(with_books_in_dollars((FRIDAY, "1.1172"), (date(2026, 11, 2), "1.9")))
    world.build(world.select())
    world.tax()
    world.validate()

    invoice = world.issue()

    assert invoice.invoice_date == date(2026, 11, 2)
    assert invoice.converted == converted(euros("111.50"), euros("21.19"), FRIDAYS_RATE)
    assert str(invoice.converted.gross) == "148.24 USD"
    intent = world.invoices.intents.read(PostingId("c-acme/2026-10/r1"))
    assert intent is not None
    assert (billed(intent.document).rate, intent.document.exchange_rate) == (FRIDAYS_RATE, Decimal("1.1172"))


def test_an_approval_that_outlasts_the_rates_takes_no_number() -> None:
    world = BillingWorld(calls(150))
    world.publish(with_books_in_dollars((FRIDAY, "1.1172")))
    world.build(world.select())
    world.tax()
    world.validate()
    world.clock.instant = SECOND_OF_NOVEMBER + timedelta(days=8)

    with pytest.raises(ExchangeRateMissingError, match="older than 7 days"):
        world.issue()

    assert world.invoices.series(GERMANY, "DE-").last == 0


def test_an_invoice_is_dated_in_the_zone_of_its_legal_entity() -> None:
    world = BillingWorld(calls(150))
    world.publish(catalog(entity=replace(nimbus(), time_zone=ZoneInfo("Pacific/Auckland"))))
    world.build(world.select())
    world.tax()
    world.validate()
    world.clock.instant = datetime(2026, 11, 2, 18, tzinfo=UTC)

    assert world.issue().invoice_date == date(2026, 11, 3)


class CrowdedInvoices(InMemoryInvoices):
    """Others issue invoices of the series between every read and write, for a while."""

    def __init__(self, *, others: int) -> None:
        super().__init__()
        self.others_left = others

    def issue(
        self,
        stored: StoredInvoice,
        *,
        series: InvoiceSeries,
        intent: PostingIntent,
        tax_intent: TaxIntent | None = None,
        members: Sequence[StoredInvoice] = (),
    ) -> None:
        if self.others_left:
            self.others_left -= 1
            self._series[series.legal_entity_id, series.prefix] = series
            raise SeriesMovedError(series.last_number)
        super().issue(stored, series=series, intent=intent, tax_intent=tax_intent, members=members)


def crowded(others: int) -> BillingWorld:
    world = BillingWorld(calls(150))
    world.invoices = CrowdedInvoices(others=others)
    world.build(world.select())
    world.tax()
    world.validate()
    return world


def test_an_invoice_takes_the_next_free_number_of_a_crowded_series() -> None:
    assert crowded(others=3).issue().number == "DE-000004"


def test_a_series_that_stays_crowded_is_tried_again_later() -> None:
    world = crowded(others=MOST_TRIES_FOR_A_NUMBER)

    with pytest.raises(SeriesContendedError):
        world.issue()

    assert world.issue().number == f"DE-{MOST_TRIES_FOR_A_NUMBER + 1:06d}"


def test_exceptions_of_earlier_drafts_are_closed_at_issue() -> None:
    world = an_approved_world()
    stored = world.invoices.read(world.invoice.invoice_id, 1)
    assert stored is not None
    world.invoices.save(replace(stored, version=stored.version + 1, raised=("PRICE_MISSING",)))  # type: ignore[arg-type]

    world.issue()

    assert world.exceptions.resolved == {"PRICE_MISSING:c-acme/2026-10": "issued as DE-000001"}


def test_with_the_table_there_is_nobody_to_tell_of_the_tax() -> None:
    world = an_approved_world()

    world.issue()

    assert list(world.invoices.tax_intents.due(THIRD_OF_NOVEMBER)) == []
    assert world.tax_requests.asked == []


def test_an_outside_engine_is_told_of_what_was_issued_as_it_was_issued() -> None:
    world = BillingWorld(calls(150))
    seller = nimbus()
    setup = TaxSetup(engine=TaxEngineName.AVATAX, connection="nimbus/avatax", company="NIMBUS", code="DE-19")
    world.publish(catalog(entity=replace(seller, tax=setup)))
    lines = [("18.81", 1), ("2.38", 2)]
    quoted = [
        TaxedLine(line=line, code="DE-19", rate=Decimal("0.19"), vat_category=VatCategory.STANDARD, tax=euros(tax))
        for tax, line in lines
    ]
    world.tax_engine = ScriptedTaxEngine(quotations=[Quoted(tuple(quoted))])
    world.build(world.select())
    world.tax()
    assert world.validate() is Verdict.VALID

    invoice = world.issue()
    world.issue()

    intent = world.invoices.tax_intents.read(TaxIntentId("c-acme/2026-10/r1"))
    assert intent is not None
    assert (intent.operation, intent.accounting_period) == (TaxOperation.COMMIT, "2026-11")
    document = intent.document
    assert (document.number, document.document_date, document.tax) == ("DE-000001", date(2026, 11, 2), euros("21.19"))
    assert [line.tax_point for line in document.lines] == [date(2026, 10, 31)] * 2
    assert invoice.taxes[0].vat_category is VatCategory.STANDARD
    assert world.tax_requests.asked == ["c-acme/2026-10/r1"]
    assert world.invoices.intents.accounting_period(GERMANY, "2026-11").unrecorded == 1
