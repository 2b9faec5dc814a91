"""Percentage: a share of each transaction's amount, with limits and a fixed amount that are each transaction's own.

Free are the first transactions by (time, source, id), so that what arrives late or out of order changes nothing: until
their number is used up or the free amount, whichever comes first. Of a transaction in which the free amount ends only
the rest is rated, and the fixed amount is due in full. The limits hold for the share and the fixed amount together,
and never lift what is free.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.money import EXACT
from shared.domain.rating.charge_models.words import percent, plain
from shared.domain.rating.rated_charge import RatedPart
from shared.domain.rating.usage import Transactions

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentage:
    """`rate` is a fraction (0.02). Without either of the two free parameters nothing is free."""

    rate: Decimal
    fixed_amount: Decimal = Decimal(0)
    free_transactions: int | None = None
    free_amount: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def __str__(self) -> str:
        words = [f"{percent(self.rate)} of each transaction"]
        if self.fixed_amount:
            words.append(f"and {plain(self.fixed_amount)}")
        if self.minimum is not None:
            words.append(f"at least {plain(self.minimum)}")
        if self.maximum is not None:
            words.append(f"at most {plain(self.maximum)}")
        if self.free_transactions is not None:
            words.append(f"the first {self.free_transactions} free")
        if self.free_amount is not None:
            words.append(f"the first amount of {plain(self.free_amount)} free")
        return ", ".join(words)


class _Tally:
    """How many transactions share a way of being priced, and how much money they are."""

    __slots__ = ("amount", "count")

    def __init__(self) -> None:
        self.count, self.amount = 0, _ZERO

    def add(self, amount: Decimal) -> None:
        self.count += 1
        self.amount = EXACT.add(self.amount, amount)


def rate_percentage(model: Percentage, usage: Transactions) -> Iterator[RatedPart]:
    """Yield one part for each way in which transactions are priced, however many there are."""
    tallies: defaultdict[str, _Tally] = defaultdict(_Tally)
    left = _ZERO if model.free_amount is None else model.free_amount
    for number, transaction in enumerate(usage.each):
        amount = transaction.amount
        free = _free(model, number, amount, left)
        if free is not None:
            left = EXACT.subtract(left, free)
            tallies["free"].add(free)
            if free == amount:
                continue
            amount = EXACT.subtract(amount, free)
        tallies[_way(model, amount)].add(amount)
    return _parts(model, tallies)


def _free(model: Percentage, number: int, amount: Decimal, left: Decimal) -> Decimal | None:
    """Return how much of a transaction is free; None where nothing is free any more."""
    if model.free_transactions is None and model.free_amount is None:
        return None
    if model.free_transactions is not None and number >= model.free_transactions:
        return None
    if model.free_amount is None:
        return amount
    return min(amount, left) if left else None


def _way(model: Percentage, amount: Decimal) -> str:
    due = EXACT.fma(amount, model.rate, model.fixed_amount)
    if model.minimum is not None and due < model.minimum:
        return "minimum"
    if model.maximum is not None and due > model.maximum:
        return "maximum"
    return "rate"


def _parts(model: Percentage, tallies: defaultdict[str, _Tally]) -> Iterator[RatedPart]:
    free, rated, lifted, held = (tallies[way] for way in ("free", "rate", "minimum", "maximum"))
    if free.count:
        yield RatedPart.of(f"free, of {_transactions(free.count)}", quantity=free.amount)
    if rated.count or not (free.count or lifted.count or held.count):
        yield RatedPart.of(
            f"{percent(model.rate)} of {_transactions(rated.count)}", quantity=rated.amount, unit_price=model.rate
        )
    if rated.count and model.fixed_amount:
        yield RatedPart.of(
            "fixed amount of each of these", quantity=Decimal(rated.count), unit_price=model.fixed_amount, takes=_ZERO
        )
    for tally, limit, word in ((lifted, model.minimum, "least"), (held, model.maximum, "most")):
        if tally.count and limit is not None:
            yield RatedPart.of(
                f"at {word} {plain(limit)} for each of {_transactions(tally.count)}, {plain(tally.amount)} in all",
                quantity=Decimal(tally.count),
                unit_price=limit,
                takes=tally.amount,
            )


def _transactions(count: int) -> str:
    return "1 transaction" if count == 1 else f"{count} transactions"
