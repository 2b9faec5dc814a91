"""Whatever is voided and billed anew, and when: all live invoices of a month sum to its final usage rated once."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.invoicing.invoice import InvoiceState, invoice_id, period_of
from tests.builders.billing import BASE_FEE, calls, contract
from tests.fakes.voiding_world import VoidingWorld
from tests.unit.functions.test_settlement_of_any_order import MONTHS, Terms, catalog_of, some_terms

# The last month takes everything that is still owed, up or down: it has no adjustments, and enough of its own.
ENOUGH = 10**6


class Months(VoidingWorld):
    """Acme's contract: 99.00 EUR a month and calls in tiers, with price adjustments."""

    def __init__(self, terms: Terms, months: int) -> None:
        super().__init__()
        self.publish(catalog_of(terms, months, BASE_FEE))

    def use(self, count: int, month: int) -> None:
        self.usage.come_late(calls(count, at=MONTHS[month].start + timedelta(days=3)))

    def close(self, month: int) -> None:
        """Run the bill run of the month, which bills anew what was voided, too."""
        self.usage.sealed = MONTHS[month].end
        self.bill((MONTHS[month].end + timedelta(days=2)).replace(hour=6))

    def void_month(self, month: int) -> None:
        name = invoice_id(contract().contract_id, MONTHS[month])
        if self.invoices.newest([name])[name].state is InvoiceState.POSTED:
            self.void(name)

    def billed(self) -> dict[str, dict[str, Decimal]]:
        """Return what all live invoices together have of each month, by the name of the lines."""
        sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for invoice in self.live():
            for line in invoice.lines:
                sums[period_of(line, invoice)][line.name] += line.amount.amount
        return {month: {name: amount for name, amount in lines.items() if amount} for month, lines in sums.items()}


@st.composite
def some_histories(draw: st.DrawFn) -> tuple[Terms, list[tuple[frozenset[int], list[tuple[int, int]]]]]:
    """Return for each bill run the months voided before it, and then the usage that comes: (month, count)."""
    months = draw(st.integers(min_value=3, max_value=5))
    known, runs = [0] * months, []
    for run in range(months):
        voids = draw(st.frozensets(st.integers(0, run - 1), max_size=2)) if run else frozenset()
        portions = []
        for month, count in draw(st.lists(st.tuples(st.integers(0, run), st.integers(-40, 120)), max_size=4)):
            portions.append((month, max(count, -known[month])))
            known[month] += portions[-1][1]
        runs.append((voids, portions))
    return draw(some_terms(months)), runs


@settings(deadline=None, max_examples=50)
@given(some_histories())
def test_live_invoices_sum_to_the_final_usage_rated_once(
    history: tuple[Terms, list[tuple[frozenset[int], list[tuple[int, int]]]]],
) -> None:
    terms, runs = history
    late, on_time = Months(terms, len(runs)), Months(terms, len(runs))
    runs[-1][1].append((len(runs) - 1, ENOUGH))
    for month, count in (one for _, portions in runs for one in portions):
        on_time.use(count, month)
    for run, (voids, portions) in enumerate(runs):
        for month in sorted(voids):
            late.void_month(month)
        for month, count in portions:
            late.use(count, month)
        late.close(run)
        on_time.close(run)

    assert [invoice.billing_period for invoice in late.live()] == MONTHS[: len(runs)]
    assert late.exceptions.open == {}
    assert late.billed() == on_time.billed()
