"""Invoice lines of what was rated, and what lines come to for the adjustments after them."""

from dataclasses import replace
from decimal import Decimal

from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId, SubscriptionId
from shared.domain.invoicing.invoice import InvoiceLine
from shared.domain.invoicing.lines import LONGEST_TEXT, adjustment_line, dues_of, line_of, products_with
from shared.domain.master_data.catalog import Product
from shared.domain.rating.adjustments.lines import AdjustmentKind, Applied, Due, RatedAdjustment
from shared.domain.rating.rated_charge import RatedCharge, RatedPart
from tests.builders.billing import API_CALLS, EUR, OCTOBER, a_draft, calls, euros

API = Product(product_id=ProductId("api"), name="API requests", tax_category="standard")
PREPAID = Product(product_id=ProductId("prepaid"), name="Prepaid credit", tax_category="none")
PRODUCTS = {one.product_id: one for one in (API, PREPAID)}
GRANT = Applied(adjustment_id=AdjustmentId("grant"), kind=AdjustmentKind.CREDIT, target="s-acme/calls")
DRAWN = RatedAdjustment(
    applied=GRANT,
    subscription_id=SubscriptionId("s-acme"),
    charge_id=ChargeId("calls"),
    product_id=PREPAID.product_id,
    taxed_as=API.product_id,
    description="Calls",
    terms="credit of 30.00 EUR",
    arithmetic="drawn from 20 EUR that are left",
    precise_amount=Decimal("-12.004"),
    currency=EUR,
    service_period=OCTOBER.period,
)
CALLS = RatedCharge(
    subscription_id=SubscriptionId("s-acme"),
    charge_id=ChargeId("calls"),
    product_id=API.product_id,
    description="Calls",
    meter=API_CALLS,
    quantity=Decimal(150),
    price="0.1 each",
    parts=(RatedPart.of("per unit", quantity=Decimal(150), unit_price=Decimal("0.10003")),),
    service_period=OCTOBER.period,
)


def test_a_line_has_the_charge_whole_and_rounds_it_once() -> None:
    assert line_of(CALLS, PRODUCTS, EUR) == InvoiceLine(
        line_id="s-acme/calls",
        subscription_id=SubscriptionId("s-acme"),
        charge_id=ChargeId("calls"),
        product_id=API.product_id,
        description="Calls",
        meter=API_CALLS,
        quantity=Decimal(150),
        price="0.1 each",
        parts=CALLS.parts,
        precise_amount=Decimal("15.0045"),
        amount=euros("15.00"),
        service_period=OCTOBER.period,
        tax_category="standard",
    )


def test_a_line_is_described_by_its_product_where_the_charge_says_nothing_and_by_its_dimensions() -> None:
    of_large = replace(CALLS, description="", priced_by=(("model", "large"),))
    long = replace(of_large, description="x" * 200)

    assert line_of(of_large, PRODUCTS, EUR).description == "API requests (model large)"
    assert line_of(of_large, PRODUCTS, EUR).priced_by == (("model", "large"),)
    assert line_of(long, PRODUCTS, EUR).description == "x" * LONGEST_TEXT


def test_a_line_is_taxed_as_it_was_billed_where_that_is_known() -> None:
    reduced = replace(CALLS, tax_category="reduced", product_id=ProductId("gone"))

    assert line_of(reduced, PRODUCTS, EUR).tax_category == "reduced"


def test_a_line_of_an_adjustment_is_one_step_booked_on_its_product_and_taxed_as_another() -> None:
    assert adjustment_line(DRAWN, PRODUCTS) == InvoiceLine(
        line_id="s-acme/calls+grant",
        subscription_id=SubscriptionId("s-acme"),
        charge_id=ChargeId("calls"),
        product_id=PREPAID.product_id,
        description="Calls: credit of 30.00 EUR",
        meter=None,
        quantity=Decimal(1),
        price="credit of 30.00 EUR",
        parts=(
            RatedPart(
                "drawn from 20 EUR that are left", Decimal(1), Decimal(0), Decimal("-12.004"), Decimal("-12.004")
            ),
        ),
        precise_amount=Decimal("-12.004"),
        amount=euros("-12.00"),
        service_period=OCTOBER.period,
        tax_category="standard",
        applied=GRANT,
    )


def test_an_adjustment_of_the_contract_is_described_by_the_product_it_is_taxed_as() -> None:
    assert adjustment_line(replace(DRAWN, description=""), PRODUCTS).description == "API requests: credit of 30.00 EUR"
    assert len(adjustment_line(replace(DRAWN, description="x" * 200), PRODUCTS).description) == LONGEST_TEXT


def test_products_that_the_catalogue_has_lost_are_what_they_were_billed_as() -> None:
    gone = replace(line_of(CALLS, PRODUCTS, EUR), product_id=ProductId("gone"), tax_category="reduced")

    found = products_with(PRODUCTS, [gone, line_of(CALLS, PRODUCTS, EUR)])

    assert found == PRODUCTS | {
        gone.product_id: Product(product_id=gone.product_id, name="Calls", tax_category="reduced")
    }


FEE = a_draft(calls(150)).lines[0]  # 99.00 of s-acme/base-fee


def part_of_fee(since: str, amount: str) -> InvoiceLine:
    return replace(FEE, line_id=f"{FEE.line_id}/{since}", amount=euros(amount))


def made_by(name: str, kind: AdjustmentKind, amount: str, *, target: str = "s-acme/base-fee") -> InvoiceLine:
    applied = Applied(adjustment_id=AdjustmentId(name), kind=kind, target=target)
    return replace(FEE, line_id=applied.name, applied=applied, amount=euros(amount))


def test_lines_of_a_fee_stay_apart_each_due_with_its_own_amount() -> None:
    first, second = part_of_fee("2026-10-01", "40.00"), part_of_fee("2026-10-15", "59.00")

    assert dues_of([first, second]) == (
        Due(
            name="s-acme/base-fee/2026-10-01",
            subscription_id=FEE.subscription_id,
            charge_id=FEE.charge_id,
            product_id=FEE.product_id,
            description=FEE.description,
            service_period=FEE.service_period,
            amount=euros("40.00"),
        ),
        Due(
            name="s-acme/base-fee/2026-10-15",
            subscription_id=FEE.subscription_id,
            charge_id=FEE.charge_id,
            product_id=FEE.product_id,
            description=FEE.description,
            service_period=FEE.service_period,
            amount=euros("59.00"),
        ),
    )


def test_lines_that_their_charge_has_lowered_together_are_due_together() -> None:
    lines = [
        part_of_fee("2026-10-01", "40.00"),
        part_of_fee("2026-10-15", "59.00"),
        made_by("launch", AdjustmentKind.PERCENTAGE_DISCOUNT, "-9.90"),
    ]

    assert [(due.name, due.amount) for due in dues_of(lines)] == [("s-acme/base-fee", euros("89.10"))]


def test_what_an_adjustment_adds_is_due_beside_the_rest_however_many_lines_it_has() -> None:
    lines = [
        FEE,
        made_by("floor", AdjustmentKind.MINIMUM, "3.00", target=""),
        made_by("floor", AdjustmentKind.MINIMUM, "2.00", target=""),
        made_by("grant", AdjustmentKind.CREDIT, "-1.00", target="+floor"),
    ]

    assert [(due.name, due.amount) for due in dues_of(lines)] == [
        ("s-acme/base-fee", euros("99.00")),
        ("+floor", euros("4.00")),
    ]
