"""The sum of all invoices of a month is its final usage rated once: whatever came when, under all price adjustments.

What a month comes to is worked out here a second time, in cents and fractions, month by month from the final usage
alone, without anything of the product's rating or settling.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId
from shared.domain.invoicing.bill_run import BillingAccount
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.master_data.catalog import Product
from shared.domain.money import Money
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
from shared.domain.rating.charge_models import Graduated, Tier
from shared.domain.time_period import Period, billing_periods_from
from tests.builders.billing import (
    ACME,
    BASE_FEE,
    BERLIN,
    EUR,
    OCTOBER,
    calls,
    catalog,
    contract,
    nimbus,
    plan,
    price,
    usage_charge,
)
from tests.fakes.billing_world import BillingWorld

MONTHS = [month for month, _ in zip(billing_periods_from(OCTOBER.start, BERLIN), range(6), strict=False)]
FEE = 9900
TIERS = ((40, Fraction(333, 10), 0), (90, Fraction(501, 100), 250), (None, Fraction(7, 10), 0))  # up to, cents, flat
MISSING = ProductId("missing")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Amounts in cents; 0 or None is no such adjustment."""

    free: int = 0  # units
    partner: int = 0  # percent off usage
    floor: int = 0  # least for usage
    cap: int | None = None  # most for usage
    launch: int = 0  # percent off everything
    coupon: int = 0
    least: int = 0
    most: int | None = None
    committed: int | None = None
    factor: Decimal = Decimal(1)
    term: tuple[int, int] = (0, 1)  # first month, month after the last
    credits: tuple[tuple[int, int, int, bool], ...] = ()  # cents, first month, month after the last, usage only
    balance: int = 0


def cents(amount: Fraction) -> int:
    """Round half away from zero; nothing here is negative."""
    return floor(amount + Fraction(1, 2))


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Split by largest remainder, ties to the earlier one."""
    whole = sum(weights)
    exact = [Fraction(amount * weight, whole) for weight in weights]
    parts = [floor(one) for one in exact]
    order = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def price_of(units: int) -> int:
    amount, lower = Fraction(0), 0
    for upper, each, flat in TIERS:
        if lower and units <= lower:
            break
        inside = (units if upper is None else min(units, upper)) - lower
        amount += inside * each + flat
        lower += inside
        if upper is None or units <= upper:
            break
    return cents(amount)


def expected(usage: Sequence[int], terms: Terms) -> list[int]:
    """Return what each month comes to in all, net and in cents; the last one has no adjustments."""
    spent, paid, drawn, months = 0, 0, [0] * len(terms.credits), []
    for month, units in enumerate(usage[:-1]):
        used = price_of(units - min(units, terms.free))
        used -= cents(Fraction(used * terms.partner, 100))
        lifted = max(0, terms.floor - used)
        if terms.cap is not None:
            used = min(used, terms.cap)
        due = [one - cents(Fraction(one * terms.launch, 100)) for one in (FEE, used, lifted)]
        coupon = min(terms.coupon, sum(due))
        due = [one - off for one, off in zip(due, split(coupon, due), strict=True)] if any(due) else due
        due.append(max(0, terms.least - sum(due)))
        if terms.most is not None and sum(due) > terms.most:
            due = [one - off for one, off in zip(due, split(sum(due) - terms.most, due), strict=True)]
        surcharges, missing = [0] * 4, 0
        if terms.committed is not None and terms.term[0] <= month < terms.term[1]:
            beyond = min(sum(due), spent + sum(due) - terms.committed)
            if beyond > 0:
                surcharges = split(cents(beyond * (Fraction(terms.factor) - 1)), due)
            spent += sum(due)
            if month == terms.term[1] - 1:
                missing = max(0, terms.committed - spent)
        due += [*surcharges, missing]
        for number, (amount, first, after, usage_only) in enumerate(terms.credits):
            payable = [
                one if i in ((1, 2, 5, 6) if usage_only else (0, 1, 2, 4, 5, 6)) else 0 for i, one in enumerate(due)
            ]
            taken = min(amount - drawn[number], sum(payable)) if first <= month < after else 0
            if taken:
                due = [one - off for one, off in zip(due, split(taken, payable), strict=True)]
                drawn[number] += taken
        balance = min(terms.balance - paid, sum(due))
        paid += balance
        months.append(sum(due) - balance)
    return [*months, FEE + price_of(usage[-1])]


def in_euros(amount: int) -> Money:
    return Money(Decimal(amount).scaleb(-2), EUR)


def agreed_for(  # noqa: C901 - one branch for each adjustment
    terms: Terms, months: int
) -> tuple[tuple[ChargeAdjustment, ...], tuple[ContractAdjustment, ...]]:
    """Return the terms as the product has them; all end before the last month."""
    valid = Period(MONTHS[0].start, MONTHS[months - 1].start)
    of_charge: list[ChargeAdjustment] = []
    of_contract: list[ContractAdjustment] = []

    def named(name: str) -> AdjustmentId:
        return AdjustmentId(name)

    if terms.free:
        of_charge.append(UsageDiscount(adjustment_id=named("free"), valid=valid, units=Decimal(terms.free)))
    if terms.partner:
        of_charge.append(
            PercentageDiscount(adjustment_id=named("partner"), valid=valid, percent=Decimal(terms.partner))
        )
    if terms.floor:
        least = (in_euros(terms.floor),)
        of_charge.append(Minimum(adjustment_id=named("floor"), valid=valid, amounts=least, product_id=MISSING))
    if terms.cap is not None:
        of_charge.append(Maximum(adjustment_id=named("cap"), valid=valid, amounts=(in_euros(terms.cap),)))
    if terms.balance:
        of_contract.append(
            CreditBalance(
                adjustment_id=named("balance"), valid=valid, amount=in_euros(terms.balance), product_id=MISSING
            )
        )
    for number, (amount, first, after, usage_only) in enumerate(terms.credits):
        of_contract.append(
            Credit(
                adjustment_id=named(f"credit-{number}"),
                valid=Period(MONTHS[first].start, MONTHS[after].start),
                amount=in_euros(amount),
                priority=number,
                charges=(ChargeId("api-calls"),) if usage_only else (),
            )
        )
    if terms.committed is not None:
        of_contract.append(
            Commitment(
                adjustment_id=named("committed"),
                valid=Period(MONTHS[terms.term[0]].start, MONTHS[terms.term[1]].start),
                amount=in_euros(terms.committed),
                product_id=MISSING,
                overage_factor=terms.factor,
            )
        )
    if terms.most is not None:
        of_contract.append(Maximum(adjustment_id=named("most"), valid=valid, amounts=(in_euros(terms.most),)))
    if terms.least:
        least = (in_euros(terms.least),)
        of_contract.append(Minimum(adjustment_id=named("least"), valid=valid, amounts=least, product_id=MISSING))
    if terms.coupon:
        of_contract.append(FixedDiscount(adjustment_id=named("coupon"), valid=valid, amount=in_euros(terms.coupon)))
    if terms.launch:
        of_contract.append(
            PercentageDiscount(adjustment_id=named("launch"), valid=valid, percent=Decimal(terms.launch))
        )
    return tuple(of_charge), tuple(of_contract)


class Months(BillingWorld):
    """Acme's contract: 99.00 EUR a month and calls in tiers, with price adjustments."""

    def __init__(self, terms: Terms, months: int) -> None:
        super().__init__()
        of_charge, of_contract = agreed_for(terms, months)
        tiers = tuple(
            Tier(None if upper is None else Decimal(upper), Decimal(str(float(each))) / 100, Decimal(flat) / 100)
            for upper, each, flat in TIERS
        )
        charge = replace(usage_charge(price(Graduated(tiers))), adjustments=of_charge)
        source = catalog(
            plans=[plan(BASE_FEE, charge)],
            contracts=[replace(contract(), adjustments=of_contract)],
            entity=nimbus(products=("platform", "api", "missing")),
        )
        missing = Product(product_id=MISSING, name="Missing", tax_category="standard")
        self.publish(replace(source, products=(*source.products, missing)))

    def use(self, count: int, month: int) -> None:
        self.usage.come_late(calls(count, at=MONTHS[month].start + timedelta(days=3)))

    def bill(self, month: int) -> Invoice:
        period = MONTHS[month]
        self.account = BillingAccount(
            customer_id=ACME.customer_id, contract_id=contract().contract_id, billing_period=period
        )
        self.usage.sealed = period.end
        self.run((period.end + timedelta(days=2)).replace(hour=6))
        return self.invoice


def billed(invoices: Sequence[Invoice]) -> dict[str, dict[str, Decimal]]:
    """Return what all invoices together have of each month, by the name of the lines."""
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for invoice in invoices:
        for line in invoice.lines:
            own = line.adjusts.invoice_id if line.adjusts else invoice.invoice_id
            sums[own.rpartition("/")[2]][line.name] += line.amount.amount
    return {month: {name: amount for name, amount in lines.items() if amount} for month, lines in sums.items()}


@st.composite
def some_terms(draw: st.DrawFn, months: int) -> Terms:
    amount = st.integers(min_value=1, max_value=30_000)
    first = draw(st.integers(min_value=0, max_value=months - 2))
    credit = st.tuples(amount, st.integers(0, months - 2), st.integers(1, months - 1), st.booleans())
    floor_, cap = sorted(draw(st.tuples(amount, amount)))
    least, most = sorted(draw(st.tuples(amount, amount)))

    def sometimes(value: int) -> int:
        return draw(st.sampled_from([0, value]))

    return Terms(
        free=draw(st.sampled_from([0, 0, 7, 45])),
        partner=draw(st.sampled_from([0, 0, 10, 33])),
        floor=sometimes(floor_),
        cap=sometimes(cap) or None,
        launch=draw(st.sampled_from([0, 0, 15])),
        coupon=sometimes(draw(amount)),
        least=sometimes(least),
        most=sometimes(most) or None,
        committed=sometimes(draw(st.integers(min_value=1, max_value=60_000))) or None,
        factor=draw(st.sampled_from([Decimal(1), Decimal("1.2"), Decimal("1.333")])),
        term=(first, draw(st.integers(min_value=first + 1, max_value=months - 1))),
        credits=tuple(one for one in draw(st.lists(credit, max_size=3)) if one[1] < one[2]),
        balance=sometimes(draw(amount)),
    )


@st.composite
def some_arrivals(draw: st.DrawFn, months: int) -> list[list[tuple[int, int]]]:
    """Return for each bill run the usage that comes before it: (month, count), some of it taken back."""
    known, runs = [0] * months, []
    for run in range(months):
        portions = []
        for month, count in draw(st.lists(st.tuples(st.integers(0, run), st.integers(-40, 120)), max_size=4)):
            portions.append((month, max(count, -known[month])))
            known[month] += portions[-1][1]
        runs.append(portions)
    return runs


@st.composite
def some_histories(draw: st.DrawFn) -> tuple[Terms, list[list[tuple[int, int]]]]:
    months = draw(st.integers(min_value=3, max_value=5))
    return draw(some_terms(months)), draw(some_arrivals(months))


# The last month takes everything that is still owed, up or down: it has no adjustments, and enough of its own.
ENOUGH = 10**6


@settings(deadline=None)
@given(some_histories())
def test_the_invoices_of_each_month_sum_to_its_final_usage_rated_once(
    history: tuple[Terms, list[list[tuple[int, int]]]],
) -> None:
    terms, runs = history
    late, on_time, usage = Months(terms, len(runs)), Months(terms, len(runs)), [0] * len(runs)
    runs[-1].append((len(runs) - 1, ENOUGH))
    for month, count in (one for portions in runs for one in portions):
        on_time.use(count, month)
        usage[month] += count
    invoices = []
    for run, portions in enumerate(runs):
        for month, count in portions:
            late.use(count, month)
        invoices.append(late.bill(run))

    sums = billed(invoices)
    assert all(invoice.state is InvoiceState.POSTED and invoice.gross.amount >= 0 for invoice in invoices)
    assert late.exceptions.open == {}
    assert [sum(sums.get(month.name, {}).values()) * 100 for month, _ in zip(MONTHS, runs, strict=False)] == expected(
        usage, terms
    )
    assert sums == billed([on_time.bill(run) for run in range(len(runs))])
