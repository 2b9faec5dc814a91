"""Discounts, minimums, commitments and credits of months whose usage comes late: every month ends where it should."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId
from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.master_data.catalog import Catalog, Charge, Product
from shared.domain.rating.adjustments import (
    ChargeAdjustment,
    Commitment,
    ContractAdjustment,
    Credit,
    CreditBalance,
    FixedDiscount,
    Maximum,
    Minimum,
    PercentageDiscount,
    UsageDiscount,
)
from shared.domain.rating.charge_models import Flat, PerUnit
from shared.domain.subscriptions.fee_terms import Billed, FeeTerms
from shared.domain.subscriptions.proration import Proration
from shared.domain.time_period import BillingPeriod, Period, billing_periods_from
from tests.builders.billing import (
    ACME,
    ALWAYS,
    BASE_FEE,
    BERLIN,
    OCTOBER,
    SINCE_OCTOBER,
    calls,
    catalog,
    contract,
    euros,
    nimbus,
    plan,
    price,
    usage_charge,
)
from tests.fakes.billing_world import BillingWorld

MONTHS = [month for month, _ in zip(billing_periods_from(OCTOBER.start, BERLIN), range(9), strict=False)]
NOVEMBER, DECEMBER = MONTHS[1:3]
ONE_EURO_A_CALL = usage_charge(price(PerUnit(Decimal(1))))
PRODUCTS = ("platform", "api", "missing", "prepaid")
TO_THE_END_OF_OCTOBER = Period(OCTOBER.start, OCTOBER.end)
OCTOBER_AND_NOVEMBER = Period(OCTOBER.start, NOVEMBER.end)


def name(text: str) -> AdjustmentId:
    return AdjustmentId(text)


class Months(BillingWorld):
    """Acme's contract with price adjustments, billed month after month."""

    def __init__(
        self,
        *agreed: ContractAdjustment,
        of_charge: Sequence[ChargeAdjustment] = (),
        fee: bool = False,
        active: Period = SINCE_OCTOBER,
        charges: Sequence[Charge] = (),
    ) -> None:
        super().__init__()
        charge = replace(ONE_EURO_A_CALL, adjustments=tuple(of_charge))
        self._plan = plan(*(charges or ((BASE_FEE, charge) if fee else (charge,))))
        self._active = active
        self.agree(*agreed)

    def end_at(self, end: datetime) -> None:
        """Let what is agreed next end at an instant."""
        self._active = Period(self._active.start, end)

    def agree(self, *agreed: ContractAdjustment) -> None:
        source = catalog(
            plans=[self._plan],
            contracts=[replace(contract(active=self._active), adjustments=agreed)],
            entity=nimbus(products=PRODUCTS),
        )
        self.publish(_selling(source))

    def use(self, count: int, month: BillingPeriod = OCTOBER, *, day: int = 10) -> None:
        self.usage.come_late(calls(count, at=month.start + timedelta(days=day - 1, hours=2)))

    def bill(self, month: BillingPeriod) -> Invoice:
        """Run the bill run of the day after the month's last slice was sealed."""
        self.account = BillingAccount(
            customer_id=ACME.customer_id, contract_id=contract().contract_id, billing_period=month
        )
        self.usage.sealed = month.end
        self.run((month.end + timedelta(days=2)).replace(hour=6))
        return self.invoice


def _selling(source: Catalog) -> Catalog:
    more = tuple(
        Product(product_id=ProductId(one), name=one.capitalize(), tax_category="standard") for one in PRODUCTS[2:]
    )
    return replace(source, products=(*source.products, *more))


def amounts(invoice: Invoice) -> dict[str, Decimal]:
    return {line.line_id: line.amount.amount for line in invoice.lines}


def test_a_credit_pays_for_late_usage_of_its_own_time_until_it_is_used_up() -> None:
    """100 credits to the end of October, 80 used; 30 more of October come late: 10 are payable, not 30."""
    months = Months(Credit(adjustment_id=name("start"), valid=TO_THE_END_OF_OCTOBER, amount=euros("100")))
    months.use(80)
    assert months.bill(OCTOBER).net == euros("0.00")
    months.use(30)
    months.use(5, NOVEMBER)

    second = months.bill(NOVEMBER)

    assert amounts(second) == {
        "s-acme/api-calls": Decimal(5),
        "s-acme/api-calls@2026-10": Decimal(30),
        "s-acme/api-calls+start@2026-10": Decimal(-20),
    }


def test_a_credit_that_expires_within_a_month_pays_for_what_was_used_before() -> None:
    half = Period(OCTOBER.start, datetime(2026, 10, 15, 22, tzinfo=UTC))
    months = Months(Credit(adjustment_id=name("start"), valid=half, amount=euros("100")))
    months.use(30, day=3)
    months.use(50, day=20)

    assert amounts(months.bill(OCTOBER)) == {"s-acme/api-calls": Decimal(80), "s-acme/api-calls+start": Decimal(-30)}


def test_late_usage_of_october_takes_the_credit_away_from_november() -> None:
    months = Months(Credit(adjustment_id=name("start"), valid=OCTOBER_AND_NOVEMBER, amount=euros("100")))
    months.use(60)
    months.use(40, NOVEMBER)
    months.bill(OCTOBER)
    assert months.bill(NOVEMBER).net == euros("0.00")
    months.use(30)
    months.use(1, DECEMBER)

    third = months.bill(DECEMBER)

    assert amounts(third) == {
        "s-acme/api-calls": Decimal(1),
        "s-acme/api-calls@2026-10": Decimal(30),
        "s-acme/api-calls+start@2026-10": Decimal(-30),
        "s-acme/api-calls+start@2026-11": Decimal(30),
    }


def test_late_usage_eats_a_true_up_and_moves_it_to_the_account_of_usage() -> None:
    committed = Commitment(
        adjustment_id=name("q4"), valid=TO_THE_END_OF_OCTOBER, amount=euros("100"), product_id=ProductId("missing")
    )
    months = Months(committed)
    months.use(50)
    first = months.bill(OCTOBER)
    assert amounts(first) == {"s-acme/api-calls": Decimal(50), "+q4": Decimal(50)}
    months.use(30)

    second = months.bill(NOVEMBER)

    assert amounts(second) == {"s-acme/api-calls@2026-10": Decimal(30), "+q4@2026-10": Decimal(-30)}
    assert [line.product_id for line in second.lines] == ["api", "missing"]
    assert {line.adjusts.invoice_number for line in second.lines if line.adjusts} == {first.number}
    assert (second.net, second.state) == (euros("0.00"), InvoiceState.POSTED)


def test_what_is_spent_beyond_a_commitment_costs_its_factor_in_the_month_that_goes_beyond() -> None:
    committed = Commitment(
        adjustment_id=name("h2"),
        valid=OCTOBER_AND_NOVEMBER,
        amount=euros("100"),
        product_id=ProductId("missing"),
        overage_factor=Decimal("1.5"),
    )
    months = Months(committed)
    months.use(80)
    months.use(40, NOVEMBER)

    assert amounts(months.bill(OCTOBER)) == {"s-acme/api-calls": Decimal(80)}
    assert amounts(months.bill(NOVEMBER)) == {"s-acme/api-calls": Decimal(40), "s-acme/api-calls+h2": Decimal(10)}


def test_a_minimum_is_eaten_by_late_usage_and_then_over() -> None:
    months = Months(
        of_charge=[
            Minimum(adjustment_id=name("floor"), valid=ALWAYS, amounts=(euros("100"),), product_id=ProductId("missing"))
        ]
    )
    months.use(80)
    assert amounts(months.bill(OCTOBER)) == {"s-acme/api-calls": Decimal(80), "s-acme/api-calls+floor": Decimal(20)}
    months.use(30)
    months.use(200, NOVEMBER)

    assert amounts(months.bill(NOVEMBER)) == {
        "s-acme/api-calls": Decimal(200),
        "s-acme/api-calls@2026-10": Decimal(30),
        "s-acme/api-calls+floor@2026-10": Decimal(-20),
    }


def test_a_minimum_is_due_without_any_usage_and_for_the_days_of_the_contract() -> None:
    since_the_17th = Period(datetime(2026, 10, 16, 22, tzinfo=UTC), None)
    months = Months(
        Minimum(adjustment_id=name("floor"), valid=ALWAYS, amounts=(euros("310"),), product_id=ProductId("missing")),
        active=since_the_17th,
    )

    (line,) = months.bill(OCTOBER).lines

    # 15 of October's 31 days
    assert (line.line_id, line.amount, line.service_period.start) == ("+floor", euros("150.00"), since_the_17th.start)


def test_adjustments_follow_in_their_order() -> None:
    """(210 - 10 free) x 1.00, 10 % off, 30.00 off, at most 120.00, 50.00 of credit, 40.00 of balance."""
    months = Months(
        CreditBalance(adjustment_id=name("balance"), valid=ALWAYS, amount=euros("40"), product_id=ProductId("prepaid")),
        Credit(adjustment_id=name("grant"), valid=ALWAYS, amount=euros("50")),
        Maximum(adjustment_id=name("cap"), valid=ALWAYS, amounts=(euros("120"),)),
        FixedDiscount(adjustment_id=name("coupon"), valid=ALWAYS, amount=euros("30")),
        PercentageDiscount(adjustment_id=name("partner"), valid=ALWAYS, percent=Decimal(10)),
        of_charge=[UsageDiscount(adjustment_id=name("free"), valid=ALWAYS, units=Decimal(10))],
    )
    months.use(210)

    invoice = months.bill(OCTOBER)

    assert amounts(invoice) == {
        "s-acme/api-calls": Decimal(200),
        "s-acme/api-calls+partner": Decimal(-20),
        "s-acme/api-calls+coupon": Decimal(-30),
        "s-acme/api-calls+cap": Decimal(-30),
        "s-acme/api-calls+grant": Decimal(-50),
        "s-acme/api-calls+balance": Decimal(-40),
    }
    assert invoice.lines[0].quantity == 210
    assert [line.product_id for line in invoice.lines] == ["api"] * 5 + ["prepaid"]


def test_a_coupon_is_split_over_fee_and_usage_and_given_for_its_number_of_months() -> None:
    months = Months(
        FixedDiscount(adjustment_id=name("coupon"), valid=ALWAYS, amount=euros("10"), billing_periods=1), fee=True
    )
    months.use(33)

    first = months.bill(OCTOBER)

    assert amounts(first) == {
        "s-acme/base-fee": Decimal(99),
        "s-acme/api-calls": Decimal(33),
        "s-acme/base-fee+coupon": Decimal("-7.50"),
        "s-acme/api-calls+coupon": Decimal("-2.50"),
    }
    assert amounts(months.bill(NOVEMBER)) == {"s-acme/base-fee": Decimal(99)}


def test_late_usage_moves_a_coupon_between_fee_and_usage() -> None:
    months = Months(
        FixedDiscount(adjustment_id=name("coupon"), valid=ALWAYS, amount=euros("10"), billing_periods=1), fee=True
    )
    months.use(33)
    months.bill(OCTOBER)
    months.use(66)

    late = {name: amount for name, amount in amounts(months.bill(NOVEMBER)).items() if "@" in name}

    # 99.00 and 99.00 share the coupon of 10.00 at last
    assert late == {
        "s-acme/api-calls@2026-10": Decimal(66),
        "s-acme/base-fee+coupon@2026-10": Decimal("2.50"),
        "s-acme/api-calls+coupon@2026-10": Decimal("-2.50"),
    }


def test_a_month_waits_for_the_months_before_it_where_they_share_a_credit() -> None:
    months = Months(Credit(adjustment_id=name("start"), valid=OCTOBER_AND_NOVEMBER, amount=euros("100")))
    months.use(60)
    months.use(60, NOVEMBER)

    early = months.bill(NOVEMBER)

    assert early.state is InvoiceState.INVALID
    assert {record.code for record in months.exceptions.open.values()} == {ExceptionCode.INVOICE_INVALID}


def test_a_credit_is_limited_to_its_charges() -> None:
    months = Months(
        Credit(adjustment_id=name("api-only"), valid=ALWAYS, amount=euros("100"), charges=(ChargeId("api-calls"),)),
        fee=True,
    )
    months.use(30)

    assert amounts(months.bill(OCTOBER)) == {
        "s-acme/base-fee": Decimal(99),
        "s-acme/api-calls": Decimal(30),
        "s-acme/api-calls+api-only": Decimal(-30),
    }


@pytest.mark.parametrize(
    ("used", "drawn"),
    [
        (15, {"ends-first": 10, "old": 5}),
        (25, {"ends-first": 10, "old": 10, "young": 5}),
        (35, {"ends-first": 10, "old": 10, "young": 10, "last-of-all": 5}),
        (45, {"ends-first": 10, "old": 10, "young": 10, "last-of-all": 10}),
    ],
)
def test_credits_are_drawn_by_priority_then_earliest_expiry_then_age(used: int, drawn: dict[str, int]) -> None:
    since_the_2nd = Period(datetime(2026, 10, 1, 22, tzinfo=UTC), None)
    months = Months(
        Credit(adjustment_id=name("last-of-all"), valid=TO_THE_END_OF_OCTOBER, amount=euros("10"), priority=1),
        Credit(adjustment_id=name("young"), valid=since_the_2nd, amount=euros("10")),
        Credit(adjustment_id=name("old"), valid=Period(OCTOBER.start, None), amount=euros("10")),
        Credit(adjustment_id=name("ends-first"), valid=OCTOBER_AND_NOVEMBER, amount=euros("10")),
    )
    months.use(used)

    lines = amounts(months.bill(OCTOBER))

    assert {line.partition("+")[2]: -amount for line, amount in lines.items() if "+" in line} == drawn


def test_months_that_share_a_credit_are_taken_together_or_not_at_all() -> None:
    """October's usage is in doubt, so what it leaves of the credit is, too: November waits with it, and is told."""
    months = Months(Credit(adjustment_id=name("start"), valid=OCTOBER_AND_NOVEMBER, amount=euros("100")))
    months.use(60)
    months.use(40, NOVEMBER)
    months.bill(OCTOBER)
    months.bill(NOVEMBER)
    months.use(30)
    months.use(7, NOVEMBER)
    months.use(1, DECEMBER)
    months.holds.place(ACME.customer_id, "2026-10", "conflict")

    assert amounts(months.bill(DECEMBER)) == {"s-acme/api-calls": Decimal(1)}
    assert {record.subject for record in months.exceptions.open.values()} == {"c-acme/2026-10", "c-acme/2026-11"}

    months.holds.release(ACME.customer_id, "2026-10", "conflict")
    assert sum(amounts(months.bill(MONTHS[3])).values()) == 37
    assert months.exceptions.open == {}


def test_terms_that_were_changed_for_a_billed_month_keep_its_late_usage_back() -> None:
    """Money rule 17: nothing is priced anew in silence."""
    months = Months(FixedDiscount(adjustment_id=name("coupon"), valid=ALWAYS, amount=euros("10")))
    months.use(60)
    months.bill(OCTOBER)
    months.use(30)
    months.agree(FixedDiscount(adjustment_id=name("coupon"), valid=ALWAYS, amount=euros("20")))

    assert amounts(months.bill(NOVEMBER)) == {}
    (told,) = months.exceptions.open.values()
    assert told.message == (
        "s-acme/api-calls+coupon: billed as 1 for -10.00 EUR (10.00 EUR off), "
        "and by the catalogue now 1 for -20.00 EUR (20.00 EUR off)"
    )


@given(
    counts=st.lists(st.integers(min_value=0, max_value=40), min_size=4, max_size=4),
    late=st.lists(st.integers(min_value=0, max_value=40), min_size=4, max_size=4),
    credit=st.integers(min_value=1, max_value=120),
)
def test_a_credit_of_a_part_of_a_month_pays_for_what_was_used_in_it_whenever_it_came(
    counts: list[int], late: list[int], credit: int
) -> None:
    """From the 10th of October until the 10th of November, on usage of the 3rd and 20th of both months."""
    of = Period(datetime(2026, 10, 9, 22, tzinfo=UTC), datetime(2026, 11, 9, 23, tzinfo=UTC))
    months = Months(Credit(adjustment_id=name("start"), valid=of, amount=euros(str(credit))))
    days = [(OCTOBER, 3), (OCTOBER, 20), (NOVEMBER, 3), (NOVEMBER, 20)]
    for (month, day), count in zip(days, counts, strict=True):
        months.use(count, month, day=day)
    invoices = [months.bill(OCTOBER), months.bill(NOVEMBER)]
    for (month, day), count in zip(days, late, strict=True):
        months.use(count, month, day=day)
    months.use(1000, DECEMBER)
    invoices.append(months.bill(DECEMBER))

    used = [before + after for before, after in zip(counts, late, strict=True)]
    drawn = -sum(amount for one in invoices for line, amount in amounts(one).items() if "+start" in line)

    assert drawn == min(credit, used[1] + used[2])
    assert sum(sum(amounts(one).values()) for one in invoices) == sum(used) - drawn + 1000


def test_a_discount_goes_with_each_part_of_a_fee_in_advance_and_is_taken_back_with_it() -> None:
    """The contract ends on 15 November: half of November's fee is credited, and half of what was given on it."""
    launch = PercentageDiscount(adjustment_id=name("launch"), valid=ALWAYS, percent=Decimal(10))
    in_advance = replace(BASE_FEE, fee=FeeTerms(billed=Billed.IN_ADVANCE, proration=Proration.DAYS))
    months = Months(launch, charges=(in_advance, ONE_EURO_A_CALL))

    assert amounts(months.bill(OCTOBER)) == {
        "s-acme/base-fee/2026-10-01": Decimal(99),
        "s-acme/base-fee/2026-11-01": Decimal(99),
        "s-acme/base-fee/2026-10-01+launch": Decimal("-9.90"),
        "s-acme/base-fee/2026-11-01+launch": Decimal("-9.90"),
    }

    months.end_at(datetime(2026, 11, 15, 23, tzinfo=UTC))
    months.agree(launch)
    months.use(100, NOVEMBER, day=3)
    second = months.bill(NOVEMBER)
    assert amounts(second) == {
        "s-acme/base-fee/2026-11-01": Decimal("-49.50"),
        "s-acme/api-calls": Decimal(100),
        "s-acme/base-fee/2026-11-01+launch": Decimal("4.95"),
        "s-acme/api-calls+launch": Decimal(-10),
    }
    assert second.lines[0].service_period == second.lines[2].service_period


TEN_IN_ADVANCE = Charge(
    charge_id=ChargeId("base-fee"),
    product_id=ProductId("platform"),
    meter=None,
    prices=(price(Flat(Decimal(10))),),
    fee=FeeTerms(billed=Billed.IN_ADVANCE, proration=Proration.DAYS),
)


def test_a_tie_between_usage_and_a_fee_in_advance_falls_alike_when_late_usage_settles_it_again() -> None:
    """10.00 of November's usage and 10.00 of December's fee have one cent off: whose it is must not change later."""
    welcome = FixedDiscount(adjustment_id=name("welcome"), valid=SINCE_OCTOBER, amount=euros("0.01"))
    months = Months(welcome, charges=(TEN_IN_ADVANCE, ONE_EURO_A_CALL))
    months.bill(OCTOBER)
    months.use(10, NOVEMBER)
    months.bill(NOVEMBER)
    months.use(1, NOVEMBER)

    third = months.bill(DECEMBER)

    assert third.issues == ()
    assert sum(amount for line, amount in amounts(third).items() if line.endswith("@2026-11")) == 1


@pytest.mark.parametrize("day", [1, 15])
def test_what_a_fee_in_advance_has_drawn_before_the_credit_began_stays_drawn(day: int) -> None:
    """October's invoice has November's fee, and draws the credit that begins in November."""
    begins = NOVEMBER.start + timedelta(days=day - 1)
    start = Credit(adjustment_id=name("start"), valid=Period(begins, None), amount=euros("15"))
    months = Months(start, charges=(TEN_IN_ADVANCE, ONE_EURO_A_CALL))

    invoices = [months.bill(month) for month in MONTHS]

    assert sum(amount for one in invoices for line, amount in amounts(one).items() if "+start" in line) == -15


def test_a_fee_in_advance_that_was_billed_before_the_term_of_a_commitment_counts_towards_it() -> None:
    term = Period(NOVEMBER.start, MONTHS[8].end)
    agreed = Commitment(adjustment_id=name("year"), valid=term, amount=euros("80"), product_id=ProductId("missing"))
    months = Months(agreed, charges=(TEN_IN_ADVANCE,))

    invoices = [months.bill(month) for month in MONTHS]

    assert [one for one in amounts(invoices[-1]) if "+year" in one] == []
