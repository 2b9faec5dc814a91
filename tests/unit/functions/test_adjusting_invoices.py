"""Usage after the invoice of its month: on the next invoice of the contract, in its own service period, once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import ChargeId, InvoiceId
from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.invoicing.invoice import Invoice, InvoiceLine, InvoiceState
from shared.domain.invoicing.kept_back import kept_back_by
from shared.domain.money import EXACT, Money, total
from shared.domain.rating.charge_models import ChargeModel, Graduated, PerUnit, Tier
from shared.domain.rating.rate import rate
from shared.domain.time_period import BillingPeriod, Period, billing_periods_from
from tests.builders.billing import (
    ACME,
    BASE_FEE,
    BERLIN,
    EUR,
    GRADUATED_CALLS,
    OCTOBER,
    SINCE_OCTOBER,
    calls,
    catalog,
    contract,
    euros,
    german_vat,
    nimbus,
    plan,
    price,
    subscription,
    usage_charge,
)
from tests.fakes.billing_world import BillingWorld

MONTHS = [month for month, _ in zip(billing_periods_from(OCTOBER.start, BERLIN), range(9), strict=False)]
NOVEMBER, DECEMBER = MONTHS[1:3]
A_FEW_CALLS_FREE = usage_charge(price(Graduated((Tier(Decimal(10), Decimal(0)), Tier(None, Decimal("0.10"))))))


class _Months(BillingWorld):
    """Acme's contract, month after month."""

    def bill(self, month: BillingPeriod) -> Invoice:
        """Run the bill run of the day after the month's last slice was sealed."""
        self.account = BillingAccount(
            customer_id=ACME.customer_id, contract_id=contract().contract_id, billing_period=month
        )
        self.usage.sealed = month.end
        self.run(_bill_run_after(month))
        return self.invoice


def _bill_run_after(month: BillingPeriod) -> datetime:
    return (month.end + timedelta(days=2)).replace(hour=6)


def adjusting(invoice: Invoice) -> list[InvoiceLine]:
    return [line for line in invoice.lines if line.adjusts is not None]


def test_late_usage_is_on_the_next_invoice_in_its_own_service_period() -> None:
    months = _Months(calls(80))
    first = months.bill(OCTOBER)
    months.usage.come_late(calls(50))

    second = months.bill(NOVEMBER)

    assert first.net == euros("107.00")
    (line,) = adjusting(second)
    # 100 x 0.10 + 30 x 0.05 = 11.50 for all of October, of which 8.00 is billed
    assert (line.quantity, line.precise_amount, line.amount) == (Decimal(50), Decimal("11.50"), euros("3.50"))
    assert line.service_period == OCTOBER.period
    assert line.description == "API requests (2026-10, adjusts DE-000001)"
    assert second.state is InvoiceState.POSTED
    assert second.net == euros("102.50")


def test_the_line_says_what_it_adjusts_and_what_was_billed_before() -> None:
    months = _Months(calls(80))
    first = months.bill(OCTOBER)
    months.usage.come_late(calls(50))

    (line,) = adjusting(months.bill(NOVEMBER))

    assert line.adjusts is not None
    assert (line.adjusts.invoice_id, line.adjusts.invoice_number) == (first.invoice_id, first.number)
    assert (line.adjusts.quantity, line.adjusts.amount) == (Decimal(80), euros("8.00"))
    assert [part.quantity for part in line.parts] == [100, 30]


def test_what_one_invoice_has_taken_no_later_one_takes_again() -> None:
    months = _Months(calls(80))
    months.bill(OCTOBER)
    months.usage.come_late(calls(50))
    months.bill(NOVEMBER)

    assert adjusting(months.bill(DECEMBER)) == []

    months.usage.come_late(calls(1))
    (line,) = adjusting(months.bill(MONTHS[3]))
    assert line.adjusts is not None
    assert (line.quantity, line.amount, line.adjusts.quantity) == (Decimal(1), euros("0.05"), Decimal(130))


def test_late_usage_of_two_months_is_two_lines() -> None:
    months = _Months(calls(80), calls(20, at=datetime(2026, 11, 5, tzinfo=UTC)))
    months.bill(OCTOBER)
    months.bill(NOVEMBER)
    months.usage.come_late(calls(10), calls(10, at=datetime(2026, 11, 6, tzinfo=UTC)))

    lines = adjusting(months.bill(DECEMBER))

    assert [(line.line_id, line.amount) for line in lines] == [
        ("s-acme/api-calls@2026-10", euros("1.00")),
        ("s-acme/api-calls@2026-11", euros("1.00")),
    ]


def test_a_month_with_nothing_to_bill_is_billed_with_the_next_one() -> None:
    months = _Months()
    months.publish(catalog(plans=[plan(GRADUATED_CALLS)]))
    assert months.bill(OCTOBER).state is InvoiceState.NOTHING_TO_BILL
    months.usage.come_late(calls(5))

    second = months.bill(NOVEMBER)

    assert [(line.amount, line.description) for line in second.lines] == [
        (euros("0.50"), "API requests (2026-10, not billed before)")
    ]


def test_late_usage_that_changes_no_amount_is_read_for_good_and_makes_no_invoice() -> None:
    months = _Months(calls(3))
    months.publish(catalog(plans=[plan(A_FEW_CALLS_FREE)]))
    months.bill(OCTOBER)
    months.usage.come_late(calls(0))

    second = months.bill(NOVEMBER)

    assert second.state is InvoiceState.NOTHING_TO_BILL
    assert [one.invoice_id for one in second.adjusted] == ["c-acme/2026-10"]


def test_a_contract_that_has_ended_is_billed_for_what_comes_late() -> None:
    months = _Months(calls(80))
    october_only = Period(SINCE_OCTOBER.start, OCTOBER.end)
    months.publish(catalog(contracts=[contract(subscription(active=october_only), active=october_only)]))
    months.bill(OCTOBER)
    months.usage.come_late(calls(20))

    second = months.bill(NOVEMBER)

    assert [(line.line_id, line.amount) for line in second.lines] == [("s-acme/api-calls@2026-10", euros("2.00"))]
    assert months.bill(DECEMBER).state is InvoiceState.NOTHING_TO_BILL


def test_only_the_first_month_that_is_not_billed_takes_what_is_late() -> None:
    """November and December are built at the same time: both would take the same usage."""
    months = _Months(calls(80))
    months.bill(OCTOBER)
    months.usage.come_late(calls(50))
    november = BillingAccount(customer_id=ACME.customer_id, contract_id=contract().contract_id, billing_period=NOVEMBER)
    december = replace(november, billing_period=DECEMBER)
    months.usage.sealed = DECEMBER.end
    selection = months.select(_bill_run_after(DECEMBER))

    for one in (december, november):
        months.account = one
        months.build(selection)
    taken = {
        name: len(adjusting(stored.invoice))
        for name in (november.invoice_id, december.invoice_id)
        if (stored := months.invoices.read(name, 1))
    }

    assert taken == {"c-acme/2026-11": 1, "c-acme/2026-12": 0}


def test_a_later_bill_run_that_drafts_anew_takes_it_once_more_and_only_once() -> None:
    months = _Months(calls(80))
    months.bill(OCTOBER)
    months.usage.come_late(calls(20))
    months.holds.place(ACME.customer_id, "2026-11", "conflict")
    assert months.bill(NOVEMBER).state is InvoiceState.INVALID
    months.holds.release(ACME.customer_id, "2026-11", "conflict")
    months.usage.come_late(calls(10))

    months.run(_bill_run_after(NOVEMBER) + timedelta(days=1))

    (line,) = adjusting(months.invoice)
    assert (line.quantity, line.amount) == (Decimal(30), euros("2.50"))
    assert adjusting(months.bill(DECEMBER)) == []


def test_an_adjustment_is_taxed_as_its_own_service_period() -> None:
    months = _Months(calls(80))
    cut = Period(NOVEMBER.start, None)
    before = german_vat(valid=Period(datetime(2020, 1, 1, tzinfo=UTC), cut.start))
    entity = catalog().legal_entities[0]
    both = replace(entity, erp=replace(entity.erp, tax_codes={"DE-19": "VAT19", "DE-16": "VAT16"}))
    months.publish(catalog(entity=both, tax_rates=[before, german_vat("0.16", valid=cut)]))
    months.bill(OCTOBER)
    months.usage.come_late(calls(20))

    second = months.bill(NOVEMBER)

    assert {tax.code: (tax.base, tax.amount) for tax in second.taxes} == {
        "DE-16": (euros("99.00"), euros("15.84")),
        "DE-19": (euros("2.00"), euros("0.38")),
    }


DEARER = usage_charge(price(Graduated((Tier(Decimal(100), Decimal("0.10")), Tier(None, Decimal("0.06"))))))


def test_a_price_that_has_changed_since_is_told_and_nothing_is_priced_anew() -> None:
    """Only the second tier differs, which the billed usage had not reached: its amount alone would not show it."""
    months = _Months(calls(80))
    months.bill(OCTOBER)
    months.usage.come_late(calls(50))
    months.publish(catalog(plans=[plan(BASE_FEE, DEARER)]), "v2")

    second = months.bill(NOVEMBER)

    assert (second.net, second.state, adjusting(second)) == (euros("99.00"), InvoiceState.POSTED, [])
    (told,) = months.exceptions.open.values()
    assert (told.code, told.subject) == (ExceptionCode.ADJUSTMENT_KEPT_BACK, "c-acme/2026-10")
    assert told.message == (
        "s-acme/api-calls: billed as 80 for 8.00 EUR (graduated: to 100 0.1 each, above 0.05 each), "
        "and by the catalogue now 80 for 8.00 EUR (graduated: to 100 0.1 each, above 0.06 each)"
    )


def test_late_usage_that_the_erp_has_no_line_for_any_more_waits_and_the_invoice_does_not() -> None:
    fees = [replace(BASE_FEE, charge_id=ChargeId(f"seat-{number}")) for number in range(499)]
    fusion = replace(nimbus().erp, system="oracle_fusion")  # of 500 lines
    months = _Months(calls(80))
    months.publish(catalog(plans=[plan(*fees, GRADUATED_CALLS)], entity=replace(nimbus(), erp=fusion)))
    months.bill(OCTOBER)
    months.usage.come_late(calls(50))
    months.usage.come_late(calls(10, at=NOVEMBER.start + timedelta(days=9, hours=2)))

    second = months.bill(NOVEMBER)

    assert (second.state, len(second.lines), adjusting(second)) == (InvoiceState.POSTED, 500, [])
    (record,) = months.exceptions.open.values()
    assert record.code is ExceptionCode.ADJUSTMENT_KEPT_BACK
    assert "the invoice would have 501 lines, 500 fit" in record.message


def test_what_was_kept_back_goes_on_the_first_invoice_that_can_take_it_and_the_exception_ends() -> None:
    months = _Months(calls(80))
    months.bill(OCTOBER)
    months.usage.come_late(calls(50))
    months.publish(catalog(plans=[plan(BASE_FEE, DEARER)]), "v2")
    months.bill(NOVEMBER)
    months.publish(catalog(), "v3")

    third = months.bill(DECEMBER)

    assert [line.amount for line in adjusting(third)] == [euros("3.50")]
    assert months.exceptions.open == {}


def test_a_subscription_that_is_gone_credits_nothing_by_itself() -> None:
    months = _Months(calls(80))
    months.bill(OCTOBER)
    months.usage.come_late(calls(50))
    months.publish(catalog(contracts=[contract(subscription(name="s-other"))]), "v2")

    second = months.bill(NOVEMBER)

    assert adjusting(second) == []
    assert InvoiceId("c-acme/2026-10") in {record.subject for record in months.exceptions.open.values()}


def test_a_month_whose_usage_is_held_waits_and_holds_nothing_else() -> None:
    months = _Months(calls(80))
    months.bill(OCTOBER)
    months.usage.come_late(calls(20))
    months.holds.place(ACME.customer_id, "2026-10", "conflict")

    assert months.bill(NOVEMBER).net == euros("99.00")

    months.holds.release(ACME.customer_id, "2026-10", "conflict")
    assert months.bill(DECEMBER).net == euros("101.00")
    assert months.exceptions.open == {}


def test_less_usage_is_a_credit_on_the_next_invoice() -> None:
    months = _Months(calls(130))
    months.bill(OCTOBER)
    months.usage.come_late(calls(-60))

    second = months.bill(NOVEMBER)

    (line,) = adjusting(second)
    assert (line.quantity, line.amount) == (Decimal(-60), euros("-4.50"))
    assert (second.net, second.state) == (euros("94.50"), InvoiceState.POSTED)


def test_a_credit_that_an_invoice_cannot_give_waits_and_is_told() -> None:
    months = _Months(calls(2_000))
    months.bill(OCTOBER)
    months.usage.come_late(calls(-2_000))

    second = months.bill(NOVEMBER)

    assert second.net == euros("99.00")
    (told,) = months.exceptions.open.values()
    assert "the credit is too great" in told.message

    months.usage.windows.append(calls(3_000, at=datetime(2026, 12, 5, tzinfo=UTC)))
    third = months.bill(DECEMBER)
    assert [line.amount for line in adjusting(third)] == [euros("-105.00")]
    assert months.exceptions.open == {}


def bill_again(months: _Months, *, days: int) -> Invoice:
    """Run another bill run so many days after that of November."""
    months.run(_bill_run_after(NOVEMBER) + timedelta(days=days))
    return months.invoice


def test_an_exception_ends_with_the_invoice_that_is_issued_whatever_its_drafts_before_could_take() -> None:
    months = _Months(calls(2_000))
    months.bill(OCTOBER)
    months.usage.come_late(calls(-2_000))
    months.holds.place(ACME.customer_id, "2026-11", "conflict")
    assert kept_back_by(months.bill(NOVEMBER)) == {"c-acme/2026-10"}
    months.usage.windows.append(calls(3_000, at=datetime(2026, 11, 5, tzinfo=UTC)))
    assert kept_back_by(bill_again(months, days=1)) == frozenset()
    assert months.invoice.state is InvoiceState.INVALID

    months.holds.release(ACME.customer_id, "2026-11", "conflict")

    assert [line.amount for line in adjusting(bill_again(months, days=2))] == [euros("-105.00")]
    assert months.exceptions.open == {}


def test_usage_of_a_month_too_long_ago_is_left_to_a_person() -> None:
    months = _Months(calls(80))
    for month in MONTHS[:7]:
        months.bill(month)
    months.usage.come_late(calls(50))

    assert adjusting(months.bill(MONTHS[7])) == []


MODELS = (
    PerUnit(Decimal("0.0137")),
    Graduated(
        (Tier(Decimal(40), Decimal("0.333")), Tier(Decimal(90), Decimal("0.0501")), Tier(None, Decimal("0.007")))
    ),
    Graduated((Tier(Decimal(25), Decimal(0), Decimal("3.335")), Tier(None, Decimal("0.125"), Decimal("1.005")))),
)


@given(
    model=st.sampled_from(MODELS),
    arrivals=st.lists(st.lists(st.integers(min_value=-30, max_value=70), max_size=4), min_size=2, max_size=5),
)
def test_the_invoices_of_a_month_sum_to_its_final_usage_rated_once(
    model: ChargeModel, arrivals: Sequence[Sequence[int]]
) -> None:
    """Whatever comes before or after whichever invoice, in whatever portions, up and down."""
    months = _Months()
    months.publish(catalog(plans=[plan(BASE_FEE, usage_charge(price(model)))]))
    invoices = []
    for month, portions in zip(MONTHS, arrivals, strict=False):
        months.usage.come_late(*(calls(portion) for portion in portions))
        invoices.append(months.bill(month))
    # One more invoice, and a credit on it always fits.
    months.usage.windows.append(calls(10**6, at=MONTHS[len(arrivals)].start + timedelta(days=3)))
    invoices.append(months.bill(MONTHS[len(arrivals)]))

    final = Decimal(sum(map(sum, arrivals)))
    lines = [line for invoice in invoices for line in invoice.lines if line.service_period == OCTOBER.period]
    usage = [line for line in lines if line.charge_id == "api-calls"]
    precise = Decimal(0)
    for part in rate(usage=final, model=model):
        precise = EXACT.add(precise, part.amount)

    assert sum((line.quantity for line in usage), Decimal(0)) == final
    assert total((line.amount for line in usage), EUR) == Money(precise, EUR).rounded()
    assert all(invoice.gross.amount >= 0 for invoice in invoices)
