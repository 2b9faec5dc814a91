"""The sum of all invoices of a month is its final usage rated once: whatever came when, under all price adjustments.

Credit notes that correct an invoice count, whoever asked for them: people at any time, or the settlement for what no
invoice could take. Goodwill does not. What a month comes to is worked out here a second time, in cents and fractions,
month by month from the final usage alone, without anything of the product's rating or settling.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.domain.identifiers import AdjustmentId, ChargeId, ProductId
from shared.domain.invoicing.credit_note import CreditPurpose
from shared.domain.invoicing.crediting import CreditRefusedError
from shared.domain.invoicing.invoice import Invoice, InvoiceState
from shared.domain.master_data.catalog import Catalog, Charge, Product
from shared.domain.money import Money, total
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
from shared.domain.rating.charge_models import Flat, Graduated, Tier
from shared.domain.time_period import Period, billing_periods_from
from tests.builders.billing import (
    BERLIN,
    EUR,
    OCTOBER,
    calls,
    catalog,
    contract,
    fee,
    nimbus,
    plan,
    price,
    usage_charge,
)
from tests.fakes.crediting_world import CreditingWorld

MONTHS = [month for month, _ in zip(billing_periods_from(OCTOBER.start, BERLIN), range(6), strict=False)]
FEE = 300  # little enough for usage that is taken back to be more
TIERS = ((40, Fraction(333, 10), 0), (90, Fraction(501, 100), 250), (None, Fraction(7, 10), 0))  # up to, cents, flat
MISSING = ProductId("missing")
# The last month takes everything that is still owed, up or down: it has no adjustments, and enough of its own.
ENOUGH = 10**6


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


def catalog_of(terms: Terms, months: int, base_fee: Charge) -> Catalog:
    """Return acme's contract: a fee and calls in tiers, with price adjustments."""
    of_charge, of_contract = agreed_for(terms, months)
    tiers = tuple(
        Tier(None if upper is None else Decimal(upper), Decimal(str(float(each))) / 100, Decimal(flat) / 100)
        for upper, each, flat in TIERS
    )
    charge = replace(usage_charge(price(Graduated(tiers))), adjustments=of_charge)
    seller = nimbus(products=("platform", "api", "missing"))
    source = catalog(
        plans=[plan(base_fee, charge)],
        contracts=[replace(contract(), adjustments=of_contract)],
        entity=replace(seller, erp=replace(seller.erp, settings={"no_tax_code": "NOVAT"})),
    )
    missing = Product(product_id=MISSING, name="Missing", tax_category="standard")
    return replace(source, products=(*source.products, missing))


class Months(CreditingWorld):
    """Acme's contract: 3.00 EUR a month and calls in tiers, with price adjustments."""

    def __init__(self, terms: Terms, months: int) -> None:
        super().__init__()
        self.publish(catalog_of(terms, months, fee(price(Flat(Decimal(FEE) / 100)))))

    def use(self, count: int, month: int) -> None:
        self.usage.come_late(calls(count, at=MONTHS[month].start + timedelta(days=3)))

    def bill_month(self, month: int) -> Invoice:
        return self.bill(MONTHS[month])

    def credit_by_hand(self, invoice: Invoice, asked: "ByHand") -> None:
        """Credit a part of a line, if that much is left of it; fees are settled by nobody."""
        lines = [line for line in invoice.lines if line.applied or line.meter]
        if lines:
            line = lines[asked.line % len(lines)]
            amount = Money(line.amount.amount * asked.percent / 100, EUR).rounded()
            name = f"by-hand-{len(self.notes.of_invoice(invoice.invoice_id, 1))}"
            with suppress(CreditRefusedError):
                self.credit(invoice, {line.line_id: str(amount.amount)}, asked.purpose, request_id=name)

    def credited(self, invoice: Invoice) -> Mapping[str, Decimal]:
        """Return what was corrected of each line of an invoice."""
        taken: dict[str, Decimal] = defaultdict(Decimal)
        for note in self.notes.of_invoice(invoice.invoice_id, 1):
            if note.request.purpose is CreditPurpose.CORRECTION:
                for line in note.credited.lines:
                    taken[line.line_id] += line.amount.amount
        return taken

    def left(self, invoice: Invoice) -> Money:
        """Return what all credit notes have left of an invoice, goodwill included."""
        notes = self.notes.of_invoice(invoice.invoice_id, 1)
        return invoice.gross - total((note.credited.gross for note in notes), EUR)

    def billed(self, invoices: Sequence[Invoice]) -> dict[str, dict[str, Decimal]]:
        """Return what all invoices and their corrections together have of each month, by the name of the lines."""
        sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for invoice in invoices:
            taken = self.credited(invoice)
            for line in invoice.lines:
                own = line.adjusts.invoice_id if line.adjusts else invoice.invoice_id
                sums[own.rpartition("/")[2]][line.name] += line.amount.amount - taken[line.line_id]
        return {month: {name: amount for name, amount in lines.items() if amount} for month, lines in sums.items()}


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """A credit of a part of a line, of the newest invoice (0) or one before it."""

    back: int
    line: int
    percent: int
    purpose: CreditPurpose


@dataclass(frozen=True, kw_only=True)
class Run:
    """A bill run: what comes before it, and whether what it leaves over is credited before the next one.

    `usage` is of a month, and so many calls; fewer than none are taken back.
    """

    usage: tuple[tuple[int, int], ...] = ()
    by_hand: tuple[ByHand, ...] = ()
    credited: bool = True


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
    counts = st.integers(-40, 120) | st.just(-ENOUGH)  # all that is there
    for run in range(months):
        portions = []
        for month, count in draw(st.lists(st.tuples(st.integers(0, run), counts), max_size=4)):
            portions.append((month, max(count, -known[month])))
            known[month] += portions[-1][1]
        runs.append(portions)
    return runs


@st.composite
def some_histories(draw: st.DrawFn) -> tuple[Terms, list[Run]]:
    months = draw(st.integers(min_value=3, max_value=5))
    by_hand = st.builds(
        ByHand,
        back=st.integers(0, 3),
        line=st.integers(0, 5),
        percent=st.integers(1, 100),
        purpose=st.sampled_from([CreditPurpose.CORRECTION, CreditPurpose.CORRECTION, CreditPurpose.GOODWILL]),
    )
    terms, arrivals = draw(some_terms(months)), draw(some_arrivals(months))
    credits_ = [tuple(draw(st.lists(by_hand, max_size=2))) for _ in arrivals]
    return terms, [
        Run(usage=tuple(usage), by_hand=asked, credited=draw(st.booleans()))
        for usage, asked in zip(arrivals, credits_, strict=True)
    ]


# One more call in October draws the last 0.01 of the balance, ten taken back leave it to November, whose invoice has
# nothing but a fee to take it off; and then the late call draws it again.
A_CENT_THAT_COMES_AND_GOES = (
    Terms(credits=((221, 0, 2, False),), balance=80),
    [Run(), Run(usage=((0, 10),)), Run(usage=((0, -10),)), Run(usage=((0, 1),))],
)
# The same with calls in November to take it off, and nobody who does so before it is drawn again.
THIRTY_EUROS_THAT_COME_AND_GO = (
    Terms(credits=((4_000, 0, 2, True),)),
    [Run(usage=((0, 100),)), Run(usage=((1, 100),)), Run(usage=((0, -90),), credited=False), Run(usage=((0, 90),))],
)


@settings(deadline=None)
@given(some_histories())
@example(A_CENT_THAT_COMES_AND_GOES)
@example(THIRTY_EUROS_THAT_COME_AND_GO)
def test_the_invoices_of_each_month_sum_to_its_final_usage_rated_once(history: tuple[Terms, list[Run]]) -> None:
    terms, runs = history
    runs = [*runs[:-1], replace(runs[-1], usage=(*runs[-1].usage, (len(runs) - 1, ENOUGH)), credited=True)]
    late, on_time, usage = Months(terms, len(runs)), Months(terms, len(runs)), [0] * len(runs)
    for month, count in (one for run in runs for one in run.usage):
        on_time.use(count, month)
        usage[month] += count
    invoices: list[Invoice] = []
    for number, run in enumerate(runs):
        for month, count in run.usage:
            late.use(count, month)
        for asked in run.by_hand if invoices else ():
            late.credit_by_hand(invoices[-1 - asked.back % len(invoices)], asked)
        invoices.append(late.bill_month(number))
        if run.credited:
            assert late.credit_left_over().refused == []

    sums = late.billed(invoices)
    assert all(invoice.state is InvoiceState.POSTED and late.left(invoice).amount >= 0 for invoice in invoices)
    assert late.exceptions.kept_back() == []
    assert [sum(sums.get(month.name, {}).values()) * 100 for month, _ in zip(MONTHS, runs, strict=False)] == expected(
        usage, terms
    )
    assert sums == on_time.billed([on_time.bill_month(number) for number in range(len(runs))])
