"""validate_invoice: valid, to be approved, or in the exceptions with every fault named."""

from functions.validate_invoice.use_case import Verdict
from shared.domain.exception_record import ExceptionCode
from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.master_data.catalog import ApprovalPolicy
from tests.builders.billing import ACME, THIRD_OF_NOVEMBER, calls, catalog, euros, nimbus
from tests.fakes.billing_world import BillingWorld

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


def test_the_verdict_stands_though_the_cause_is_gone_until_a_later_bill_run() -> None:
    world = a_taxed_world()
    world.holds.place(ACME.customer_id, "2026-10", "conflict")
    world.validate()
    world.holds.release(ACME.customer_id, "2026-10", "conflict")

    assert world.validate() is Verdict.INVALID

    assert world.run(THIRD_OF_NOVEMBER) is InvoiceState.POSTED
    assert world.exceptions.open == {}
