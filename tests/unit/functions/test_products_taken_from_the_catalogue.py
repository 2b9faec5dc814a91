"""A product that has left the catalogue after it was billed: what sets its lines right is as they were billed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from shared.domain.identifiers import AdjustmentId, PlanId, ProductId, SubscriptionId
from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.master_data.catalog import Catalog, Charge, Contract, LegalEntity, Product, TaxRate
from shared.domain.rating.adjustments import PercentageDiscount
from shared.domain.rating.charge_models import Flat
from shared.domain.subscriptions.amendment import Amendment, Upgrade
from shared.domain.subscriptions.amendments import Refused, amended
from shared.domain.subscriptions.fee_terms import Billed, FeeTerms
from shared.domain.subscriptions.proration import Proration
from shared.domain.time_period import BillingPeriod, billing_periods_from
from tests.builders.billing import (
    ACME,
    ALWAYS,
    BERLIN,
    OCTOBER,
    SINCE_OCTOBER,
    catalog,
    contract,
    fee,
    german_vat,
    nimbus,
    plan,
    price,
    subscription,
)
from tests.fakes.billing_world import BillingWorld

NOVEMBER = next(month for month in billing_periods_from(OCTOBER.end, BERLIN))
MID_NOVEMBER = NOVEMBER.start + timedelta(days=15)
VAT = german_vat()
CLASSIC, PLATFORM = ProductId("classic"), ProductId("platform")
REDUCED = TaxRate(
    code="DE-7", seller_country="DE", buyer_country="DE", category="reduced", rate=Decimal("0.07"), valid=ALWAYS
)
A_TENTH_OFF = PercentageDiscount(adjustment_id=AdjustmentId("partner"), percent=Decimal(10), valid=SINCE_OCTOBER)


def base_fee(amount: int, product: ProductId) -> Charge:
    in_advance = FeeTerms(proration=Proration.DAYS, billed=Billed.IN_ADVANCE)
    return replace(fee(price(Flat(Decimal(amount)))), fee=in_advance, product_id=product, description="")


def seller(*products: str) -> LegalEntity:
    entity = nimbus(products=products)
    return replace(entity, erp=replace(entity.erp, tax_codes={"DE-19": "VAT19", "DE-7": "VAT7"}))


def upgraded_in_mid_november(*adjustments: PercentageDiscount) -> Contract:
    amendment = Amendment(
        subscription_id=SubscriptionId("s-acme"), effective_at=MID_NOVEMBER, change=Upgrade(PlanId("scale"))
    )
    outcome = amended([subscription()], [amendment], contract=SINCE_OCTOBER, zone=BERLIN)
    assert not isinstance(outcome, Refused), outcome
    return replace(contract(*outcome), amendments=(amendment,), adjustments=adjustments)


def with_classic() -> Catalog:
    """Return what is billed for October: a platform fee of 30.00 by a product of a tax category of its own."""
    source = catalog(
        plans=(plan(base_fee(30, CLASSIC)),), entity=seller("platform", "classic"), tax_rates=(VAT, REDUCED)
    )
    return replace(
        source, products=(*source.products, Product(product_id=CLASSIC, name="Classic", tax_category="reduced"))
    )


def without_classic(agreed: Contract, *, mapped: bool) -> Catalog:
    """Return what is published after it: the plan has another product, and so has the one acme changes to."""
    plans = (plan(base_fee(30, PLATFORM)), plan(base_fee(90, PLATFORM), plan_id="scale"))
    products = ("platform", "classic") if mapped else ("platform",)
    return catalog(plans=plans, contracts=(agreed,), entity=seller(*products), tax_rates=(VAT, REDUCED))


def billed_november(then: Catalog) -> BillingWorld:
    world = BillingWorld()
    world.publish(with_classic())
    bill(world, OCTOBER)
    world.publish(then, "v2")
    bill(world, NOVEMBER)
    return world


def bill(world: BillingWorld, month: BillingPeriod) -> None:
    world.account = BillingAccount(
        customer_id=ACME.customer_id, contract_id=contract().contract_id, billing_period=month
    )
    world.usage.sealed = month.end
    world.run((month.end + timedelta(days=2)).replace(hour=6))


def lines(invoice: Invoice) -> list[tuple[str, str, str, str]]:
    return [(line.description, line.product_id, line.tax_category, f"{line.amount.amount}") for line in invoice.lines]


def test_what_is_not_used_of_a_fee_is_credited_as_it_was_billed() -> None:
    invoice = billed_november(without_classic(upgraded_in_mid_november(), mapped=True)).invoice

    assert invoice.state is InvoiceState.POSTED
    assert lines(invoice) == [
        ("Classic", "classic", "reduced", "-15.00"),  # 15 of 30 days are left of 30.00
        ("Platform", "platform", "standard", "45.00"),
        ("Platform", "platform", "standard", "90.00"),  # December's
    ]


def test_a_discount_on_it_is_taxed_as_it_was_billed() -> None:
    invoice = billed_november(without_classic(upgraded_in_mid_november(A_TENTH_OFF), mapped=True)).invoice

    assert invoice.state is InvoiceState.POSTED
    discounts = [line for line in invoice.lines if line.applied is not None]
    assert {(line.description, line.tax_category) for line in discounts} == {
        ("Classic: 10 % off", "reduced"),
        ("Platform: 10 % off", "standard"),
    }


def test_a_product_that_the_erp_has_no_name_for_any_more_is_named() -> None:
    world = billed_november(without_classic(upgraded_in_mid_november(), mapped=False))

    assert world.invoice.state is not InvoiceState.POSTED
    assert "product classic has no name in the business_central of nimbus-de" in [
        issue.message for issue in world.invoice.issues
    ]
