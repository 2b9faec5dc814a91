"""calculate_tax: once on a draft, and never again on what has gone on."""

from dataclasses import replace

import pytest

from functions.calculate_tax.use_case import InvoiceNotFoundError, TaxEngineUnavailableError
from functions.validate_invoice.use_case import Verdict
from shared.domain.exception_record import ExceptionCode
from shared.domain.invoicing.invoice import InvoiceState
from shared.domain.tax.outcome import Quotation, Quoted, TaxAuthFailed, TaxRefused, TaxUnavailable
from shared.domain.vat_category import VatCategory
from tests.builders.billing import THIRD_OF_NOVEMBER, calls, catalog, euros, german_vat
from tests.fakes.billing_world import BillingWorld
from tests.fakes.tax_engines import ScriptedTaxEngine


def test_a_draft_gets_its_tax() -> None:
    world = BillingWorld(calls(150))
    world.build(world.select())

    assert world.tax().tax == euros("21.19")
    assert world.invoice.gross == euros("132.69")


def test_a_missing_rate_is_an_issue_of_the_draft() -> None:
    world = BillingWorld(calls(150))
    world.publish(catalog(tax_rates=[]))
    world.build(world.select())

    assert {issue.code for issue in world.tax().issues} == {"TAX_RATE_MISSING"}


def test_an_issued_invoice_keeps_its_tax_whatever_the_table_says() -> None:
    world = BillingWorld(calls(150))
    world.run()
    world.publish(catalog(tax_rates=[]))

    assert world.tax().tax == euros("21.19")


def test_there_is_no_tax_without_an_invoice() -> None:
    with pytest.raises(InvoiceNotFoundError):
        BillingWorld().tax()


def drafted(*quotations: Quotation) -> BillingWorld:
    world = BillingWorld(calls(150))
    world.tax_engine = ScriptedTaxEngine(quotations=list(quotations))
    world.build(world.select())
    return world


def open_codes(world: BillingWorld) -> set[ExceptionCode]:
    return {record.code for record in world.exceptions.open.values()}


def test_an_engine_that_does_not_answer_is_asked_again_and_in_the_end_leaves_the_draft_with_an_exception() -> None:
    world = drafted(TaxUnavailable("status 503"), TaxUnavailable("status 503"))
    for _ in range(2):
        with pytest.raises(TaxEngineUnavailableError, match="status 503"):
            world.tax()

    assert world.validate() is Verdict.INVALID
    assert open_codes(world) == {ExceptionCode.TAX_UNAVAILABLE}
    assert world.invoice.taxes == ()


def test_the_next_bill_run_takes_up_a_draft_that_waits_for_its_tax_and_closes_the_exception() -> None:
    world = drafted(TaxUnavailable("status 503"))
    with pytest.raises(TaxEngineUnavailableError):
        world.tax()
    world.validate()
    world.tax_engine = None

    assert world.run(THIRD_OF_NOVEMBER) is InvoiceState.POSTED
    assert open_codes(world) == set()


@pytest.mark.parametrize(
    ("quotation", "code"),
    [
        (TaxAuthFailed("nimbus/avatax does not take our credentials"), ExceptionCode.TAX_AUTH_FAILED),
        (TaxRefused("CompanyNotFound", "there is no company NIMBUS"), ExceptionCode.TAX_REFUSED),
    ],
)
def test_what_a_person_has_to_mend_is_not_asked_again_at_once(quotation: Quotation, code: ExceptionCode) -> None:
    world = drafted(quotation)

    world.tax()

    assert world.validate() is Verdict.INVALID
    assert open_codes(world) == {code}


def test_reverse_charge_needs_the_customers_tax_id() -> None:
    shifted = replace(german_vat("0.00"), code="RC", vat_category=VatCategory.REVERSE_CHARGE)
    world = BillingWorld(calls(150))
    world.publish(catalog(tax_rates=[shifted]))
    world.build(world.select())

    world.tax()

    assert {issue.code for issue in world.invoice.issues} == {"TAX_ATTRIBUTE_MISSING"}
    assert {tax.vat_category for tax in world.invoice.taxes} == {VatCategory.REVERSE_CHARGE}


def test_a_line_that_the_engine_says_nothing_of_is_never_issued_untaxed() -> None:
    world = drafted(Quoted(()))

    assert world.tax().tax == euros("0.00")
    assert {issue.code for issue in world.invoice.issues} == {"TAX_REFUSED"}
