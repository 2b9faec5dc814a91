"""Fees billed in advance are set right to the cent, whatever became of the subscription in between."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId, SubscriptionId
from shared.domain.invoicing.fees_in_advance import changed_since_billed, fees_billed, fees_due
from shared.domain.invoicing.invoice import Adjustment, Invoice
from shared.domain.invoicing.lines import line_of
from shared.domain.master_data.catalog import Charge, Product, Subscription
from shared.domain.master_data.customer import Dated
from shared.domain.money import Money, total
from shared.domain.rating.adjustments.lines import AdjustmentKind, Applied
from shared.domain.rating.charge_models import PerUnit
from shared.domain.rating.fees import Fee, rate_fee
from shared.domain.rating.rated_charge import RatedCharge, RatedPart
from shared.domain.subscriptions.fee_terms import Billed, FeeTerms
from shared.domain.subscriptions.proration import Proration
from shared.domain.time_period import Period, local_midnight
from tests.builders.billing import BERLIN, EUR, OCTOBER, a_draft, calls, price, subscription

PLATFORM = Product(product_id=ProductId("platform"), name="Platform", tax_category="standard")
TERMS = FeeTerms(billed=Billed.IN_ADVANCE, proration=Proration.DAYS, seats=True)


def october(day: int) -> datetime:
    return local_midnight(date(2026, 10, day), BERLIN)


def acme(*changes: tuple[int, int], until: int | None = None) -> Subscription:
    """Return the subscription with its seats from days of October on, and the first day that is out."""
    days = sorted(dict(changes).items())
    ends = [*(october(day) for day, _ in days[1:]), None]
    quantities = tuple(
        Dated(Decimal(seats), Period(october(day), end)) for (day, seats), end in zip(days, ends, strict=True)
    )
    active = Period(OCTOBER.start, None if until is None else october(until))
    return replace(subscription(active=active), quantities=quantities)


def fees(of: Subscription, unit_price: Decimal) -> tuple[RatedCharge, ...]:
    charge = Charge(
        charge_id=ChargeId("seats"),
        product_id=PLATFORM.product_id,
        meter=None,
        prices=(price(PerUnit(unit_price)),),
        fee=TERMS,
    )
    service = OCTOBER.period.intersection(of.active)
    assert service is not None
    fee = Fee(subscription=of, charge=charge, billing_period=OCTOBER.period, service_period=service, zone=BERLIN)
    return rate_fee(fee, charge.prices[0]).charges


def invoice_of(charges: Sequence[RatedCharge]) -> Invoice:
    return replace(a_draft(), lines=tuple(line_of(one, {PLATFORM.product_id: PLATFORM}, EUR) for one in charges))


def rounded(charges: Sequence[RatedCharge]) -> Money:
    return total((Money(one.precise_amount, EUR).rounded() for one in charges), EUR)


SEATS = st.lists(st.tuples(st.integers(1, 31), st.integers(0, 9)), max_size=5).map(lambda some: [(1, 3), *some])
UNIT_PRICES = st.decimals("0.001", "100", places=3)


@given(SEATS, SEATS, st.none() | st.integers(2, 31), UNIT_PRICES)
def test_what_was_billed_in_advance_and_what_is_due_come_to_the_final_fee(
    expected: list[tuple[int, int]], happened: list[tuple[int, int]], until: int | None, unit_price: Decimal
) -> None:
    before = invoice_of(fees(acme(*expected), unit_price))
    final = fees(acme(*happened, until=until), unit_price)

    due = fees_due(final, before, OCTOBER.period, EUR)

    assert total((line.amount for line in before.lines), EUR) + rounded(due) == rounded(final)
    assert list(changed_since_billed(final, [before, invoice_of(due)], OCTOBER.period, EUR)) == []


def test_what_was_billed_as_it_came_to_be_has_no_line() -> None:
    fee = fees(acme((1, 5)), Decimal(10))

    assert fees_due(fee, invoice_of(fee), OCTOBER.period, EUR) == ()


def test_without_an_invoice_before_all_of_it_is_due() -> None:
    fee = fees(acme((1, 5)), Decimal(10))

    assert fees_due(fee, None, OCTOBER.period, EUR) == fee


def test_a_subscription_that_ends_is_credited_for_the_time_that_is_left() -> None:
    before = invoice_of(fees(acme((1, 5)), Decimal(31)))

    (credit,) = fees_due(fees(acme((1, 5), until=21), Decimal(31)), before, OCTOBER.period, EUR)

    assert rounded([credit]) == Money(Decimal("-55.00"), EUR)
    assert credit.service_period == Period(october(21), OCTOBER.end)
    assert credit.quantity == Decimal(0)  # five seats, of which none was taken back
    assert (credit.product_id, credit.tax_category, credit.description) == ("platform", "standard", "Platform")
    assert [(part.label, part.quantity, part.flat_amount, part.takes) for part in credit.parts] == [
        (
            "100.00 EUR (per unit: 155 for 20 of 31 days) less 155.00 EUR billed in advance",
            Decimal(0),
            Decimal("-55.00"),
            Decimal(0),
        )
    ]


def test_more_seats_for_the_same_time_are_due_beside_what_was_billed() -> None:
    before = invoice_of(fees(acme((1, 5)), Decimal(31)))

    (more,) = fees_due(fees(acme((1, 6)), Decimal(31)), before, OCTOBER.period, EUR)

    assert (rounded([more]), more.quantity) == (Money(Decimal("31.00"), EUR), Decimal(1))
    assert more.service_period == OCTOBER.period


def test_a_free_fee_that_ends_early_says_so() -> None:
    before = invoice_of(fees(acme((1, 5)), Decimal(0)))

    (shorter,) = fees_due(fees(acme((1, 5), until=21), Decimal(0)), before, OCTOBER.period, EUR)

    assert (rounded([shorter]), shorter.service_period) == (
        Money(Decimal("0.00"), EUR),
        Period(october(21), OCTOBER.end),
    )


def test_only_fees_of_the_period_itself_are_billed_in_advance_of_it() -> None:
    fee, usage = a_draft(calls(150)).lines
    november = Period(OCTOBER.end, OCTOBER.end + timedelta(days=30))
    discount = Applied(adjustment_id=AdjustmentId("launch"), kind=AdjustmentKind.PERCENTAGE_DISCOUNT, target=fee.name)
    adjusting = Adjustment(
        invoice_id=a_draft().invoice_id, invoice_number=None, quantity=Decimal(0), amount=Money.zero(EUR)
    )
    others = (
        usage,
        replace(fee, applied=discount),
        replace(fee, adjusts=adjusting),
        replace(fee, service_period=november),
    )

    billed = list(fees_billed(replace(a_draft(), lines=(*others, fee)), OCTOBER.period))

    assert billed == [fee]
    assert list(fees_billed(None, OCTOBER.period)) == []


def test_a_subscription_that_never_began_is_credited_whole() -> None:
    before = invoice_of(fees(acme((1, 5)), Decimal(31)))

    (credit,) = fees_due((), before, OCTOBER.period, EUR)

    assert (rounded([credit]), credit.quantity) == (Money(Decimal("-155.00"), EUR), Decimal(-5))
    assert credit.service_period == OCTOBER.period
    assert credit == RatedCharge(
        subscription_id=SubscriptionId("s-acme"),
        charge_id=ChargeId("seats"),
        product_id=ProductId("platform"),
        tax_category="standard",
        description="Platform",
        meter=None,
        quantity=Decimal(-5),
        price="31 each",
        parts=(
            RatedPart(
                "nothing less 155.00 EUR billed in advance",
                Decimal(0),
                Decimal(0),
                Decimal("-155.00"),
                Decimal("-155.00"),
                Decimal(-5),
            ),
        ),
        service_period=OCTOBER.period,
        since="2026-10-01",
    )
