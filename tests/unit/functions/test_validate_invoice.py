"""validate_invoice: valid, to be approved, or in the exceptions with every fault named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from functions.validate_invoice.use_case import Verdict
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CustomerId, ProductId
from shared.domain.invoicing.invoice import InvoiceState, invoice_id
from shared.domain.issue import Severity
from shared.domain.master_data.approval_policy import ApprovalPolicy, Deviation
from shared.domain.master_data.catalog import Catalog
from shared.domain.posting.mapping_check import UnknownName
from shared.domain.posting.readings import ReferenceKind
from shared.domain.time_period import Period
from shared.ports.invoices import StoredInvoice
from tests.builders.billing import ACME, OCTOBER, THIRD_OF_NOVEMBER, a_draft, calls, catalog, contract, euros, nimbus
from tests.builders.exchange_rates import FRIDAY, with_books_in_dollars
from tests.fakes.billing_world import BillingWorld

FOURTH_OF_NOVEMBER = THIRD_OF_NOVEMBER + timedelta(days=1)
FROM_A_HUNDRED = ApprovalPolicy(thresholds=(euros("100.00"),), approver="dana@nimbus.example")


def a_taxed_world() -> BillingWorld:
    world = BillingWorld(calls(150))
    world.build(world.select())
    world.tax()
    return world


def test_a_sound_invoice_is_approved_by_policy() -> None:
    world = a_taxed_world()

    assert world.validate() is Verdict.VALID
    assert world.invoice.state is InvoiceState.APPROVED


def test_an_invoice_over_the_threshold_waits() -> None:
    world = a_taxed_world()
    world.publish(catalog(entity=nimbus(approval=FROM_A_HUNDRED)))

    assert world.validate() is Verdict.NEEDS_APPROVAL
    assert world.validate() is Verdict.NEEDS_APPROVAL


def test_held_usage_makes_an_invoice_invalid_and_names_the_reason() -> None:
    world = a_taxed_world()
    world.holds.place(ACME.customer_id, "2026-10", "USAGE_CONFLICT:checkout#42")

    assert world.validate() is Verdict.INVALID

    (record,) = world.exceptions.open.values()
    assert record.exception_id == "INVOICE_INVALID:c-acme/2026-10"
    assert "USAGE_CONFLICT:checkout#42" in record.message


def test_a_missing_mapping_is_found_before_anything_is_posted() -> None:
    world = a_taxed_world()
    world.publish(catalog(entity=nimbus(products=["platform"])))

    assert world.validate() is Verdict.INVALID
    assert [record.code for record in world.exceptions.open.values()] == [ExceptionCode.MAPPING_MISSING]


def test_what_the_erp_does_not_know_holds_an_invoice_until_a_check_finds_it_there() -> None:
    world = a_taxed_world()
    world.findings.record(nimbus(), {ReferenceKind.ACCOUNTS: [UnknownName("product api", "8400")]})

    assert world.validate() is Verdict.INVALID
    assert world.invoice.number is None
    (record,) = world.exceptions.open.values()
    assert (record.code, record.subject) == (ExceptionCode.MAPPING_MISSING, "c-acme/2026-10")
    assert world.run(THIRD_OF_NOVEMBER) is InvoiceState.INVALID

    world.findings.record(nimbus(), {ReferenceKind.ACCOUNTS: []})

    assert world.run(FOURTH_OF_NOVEMBER) is InvoiceState.POSTED
    assert world.exceptions.open == {}


def test_a_mapping_that_names_another_account_lets_an_invoice_go_before_it_is_checked_again() -> None:
    world = a_taxed_world()
    world.findings.record(nimbus(), {ReferenceKind.ACCOUNTS: [UnknownName("product api", "8400")]})
    assert world.validate() is Verdict.INVALID
    erp = replace(nimbus().erp, products={**nimbus().erp.products, ProductId("api"): "8410"})

    world.publish(catalog(entity=replace(nimbus(), erp=erp)), version="v2")

    assert world.run(THIRD_OF_NOVEMBER) is InvoiceState.POSTED
    assert world.exceptions.open == {}


@pytest.mark.parametrize(("wide", "verdict"), [("holding", Verdict.INVALID), ("acme", Verdict.VALID)])
def test_the_name_that_must_fit_is_that_of_who_gets_the_invoice(wide: str, verdict: Verdict) -> None:
    world = BillingWorld(calls(150))
    customers = (ACME, replace(ACME, customer_id=CustomerId("holding"), known_as=()))
    named = tuple(replace(one, name="A" * 101) if one.customer_id == wide else one for one in customers)
    sent_to_holding = replace(contract(), bill_to=CustomerId("holding"))
    world.publish(replace(catalog(contracts=[sent_to_holding]), customers=named))
    world.build(world.select())
    world.tax()

    assert world.validate() is verdict
    assert [record.message for record in world.exceptions.open.values()] == (
        ["holding: a customer's name of 101 characters; business_central takes 100"]
        if verdict is Verdict.INVALID
        else []
    )


def test_the_verdict_stands_though_the_cause_is_gone_until_a_later_bill_run() -> None:
    world = a_taxed_world()
    world.holds.place(ACME.customer_id, "2026-10", "conflict")
    world.validate()
    world.holds.release(ACME.customer_id, "2026-10", "conflict")

    assert world.validate() is Verdict.INVALID

    assert world.run(THIRD_OF_NOVEMBER) is InvoiceState.POSTED
    assert world.exceptions.open == {}


def test_without_a_rate_into_the_books_nobody_is_asked_to_approve() -> None:
    world = a_taxed_world()
    world.publish(with_books_in_dollars((FRIDAY - timedelta(days=30), "1.10"), approval=FROM_A_HUNDRED))

    assert world.validate() is Verdict.INVALID

    (record,) = world.exceptions.open.values()
    assert record.code is ExceptionCode.EXCHANGE_RATE_MISSING
    assert "older than 7 days" in record.message
    world.publish(with_books_in_dollars((FRIDAY, "1.1172")), version="v2")
    assert world.run(THIRD_OF_NOVEMBER) is InvoiceState.POSTED
    assert world.exceptions.open == {}


def billed_before(world: BillingWorld, *months: tuple[str, str]) -> None:
    """Store posted invoices of acme's contract: their months and gross amounts."""
    for name, gross in months:
        month = replace(OCTOBER, name=name)
        posted = replace(
            a_draft(),
            invoice_id=invoice_id(a_draft().contract_id, month),
            billing_period=month,
            gross=euros(gross),
            state=InvoiceState.POSTED,
        )
        world.invoices.save(StoredInvoice(invoice=posted, version=1))


def since_july(policy: ApprovalPolicy) -> Catalog:
    return catalog(
        entity=nimbus(approval=policy), contracts=[contract(active=Period(datetime(2026, 6, 30, 22, tzinfo=UTC), None))]
    )


def test_an_invoice_that_deviates_from_those_before_waits_and_says_so() -> None:
    world = a_taxed_world()
    billed_before(world, ("2026-07", "20.00"), ("2026-08", "25.00"), ("2026-09", "30.00"))
    deviates = ApprovalPolicy(thresholds=None, approver="dana@nimbus.example", deviation=Deviation(factor=Decimal(5)))
    world.publish(since_july(deviates))

    assert world.validate() is Verdict.NEEDS_APPROVAL

    (reason,) = world.invoice.issues
    assert (reason.code, reason.severity) == ("AMOUNT_DEVIATES", Severity.WARNING)


def test_a_first_invoice_waits_and_a_second_one_does_not() -> None:
    first_ones = ApprovalPolicy(thresholds=None, approver="dana@nimbus.example", first_invoice=True)
    first, second = a_taxed_world(), a_taxed_world()
    first.publish(since_july(first_ones))
    billed_before(second, ("2026-07", "20.00"))
    second.publish(since_july(first_ones))

    assert first.validate() is Verdict.NEEDS_APPROVAL
    assert second.validate() is Verdict.VALID


def test_a_runaway_invoice_is_stopped_and_named() -> None:
    world = a_taxed_world()
    world.publish(catalog(entity=replace(nimbus(), invoice_limits=(euros("132.68"),))))

    assert world.validate() is Verdict.INVALID

    (record,) = world.exceptions.open.values()
    assert record.exception_id == "INVOICE_OVER_LIMIT:c-acme/2026-10"
    assert record.message == "132.69 EUR is over the limit of 132.68 EUR that one invoice of c-acme may come to"


def test_a_contracts_own_limit_stands_in_place_of_its_legal_entitys() -> None:
    world = a_taxed_world()
    agreed = replace(contract(), invoice_limit=euros("132.69"))
    world.publish(catalog(entity=replace(nimbus(), invoice_limits=(euros("1.00"),)), contracts=[agreed]))

    assert world.validate() is Verdict.VALID
