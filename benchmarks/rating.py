"""What a graduated charge costs to rate, against a loop over tiers that are pydantic models."""

import gc
from collections.abc import Callable, Sequence
from decimal import Decimal
from statistics import median
from time import process_time

from pydantic import BaseModel

from benchmarks.report import Answer, Figure
from shared.domain.money import exact_sum
from shared.domain.rating.charge_models import Graduated, Tier
from shared.domain.rating.rate import amount_of, rate

TIERS = 5
CHARGES = 20_000
ROUNDS = 9


class PydanticTier(BaseModel):
    up_to: Decimal | None = None
    unit_price: Decimal
    flat_amount: Decimal = Decimal(0)


class PydanticPart(BaseModel):
    label: str
    quantity: Decimal
    unit_price: Decimal
    flat_amount: Decimal
    amount: Decimal


def tiers() -> list[tuple[Decimal | None, Decimal, Decimal]]:
    """Return five tiers of 1,000, 10,000, 100,000 and a million units, and what lies above."""
    limits = [*(Decimal(10) ** power for power in range(3, 3 + TIERS - 1)), None]
    return [(limit, Decimal(5 - place) / 1000, Decimal(place)) for place, limit in enumerate(limits)]


def quantities() -> list[Decimal]:
    """Return as many quantities in each tier as in any other, with decimals."""
    return [Decimal(10) ** (2 + number % TIERS) * 3 + Decimal(number) / 1000 for number in range(CHARGES)]


def explained_loop(quantity: Decimal, each: Sequence[PydanticTier]) -> Decimal:
    """Walk the tiers and keep a part for each, as the line needs it."""
    parts: list[PydanticPart] = []
    lower = Decimal(0)
    for number, tier in enumerate(each, start=1):
        if number > 1 and quantity <= lower:
            break
        upper = quantity if tier.up_to is None else min(quantity, tier.up_to)
        units = upper - lower
        parts.append(
            PydanticPart(
                label=f"tier {number}: above {lower} to {tier.up_to}",
                quantity=units,
                unit_price=tier.unit_price,
                flat_amount=tier.flat_amount,
                amount=units * tier.unit_price + tier.flat_amount,
            )
        )
        lower = upper
    return sum((part.amount for part in parts), Decimal(0))


def naive_loop(quantity: Decimal, each: Sequence[PydanticTier]) -> Decimal:
    """Add up what lies in each tier, for the amount alone."""
    total, lower = Decimal(0), Decimal(0)
    for tier in each:
        upper = quantity if tier.up_to is None else min(quantity, tier.up_to)
        units = max(upper - lower, Decimal(0))
        if units:
            total += units * tier.unit_price + tier.flat_amount
        lower = tier.up_to or lower
    return total


def explained(quantity: Decimal, model: Graduated) -> Decimal:
    return exact_sum(part.amount for part in rate(usage=quantity, model=model))


def answer() -> Answer:
    pydantic = [PydanticTier(up_to=limit, unit_price=price, flat_amount=flat) for limit, price, flat in tiers()]
    model = Graduated(tuple(Tier(*one) for one in tiers()))
    contenders: dict[str, Callable[[Decimal], Decimal]] = {
        "amount": lambda quantity: amount_of(usage=quantity, model=model),
        "naive amount": lambda quantity: naive_loop(quantity, pydantic),
        "parts": lambda quantity: explained(quantity, model),
        "naive parts": lambda quantity: explained_loop(quantity, pydantic),
        "once": lambda quantity: explained(quantity, Graduated(model.tiers)),
    }
    micros, amounts = _in_turns(contenders, quantities())
    assert len(set(map(tuple, amounts.values()))) == 1, "the contenders do not agree"
    times = micros["naive amount"] / micros["amount"]
    times_with_parts = micros["naive parts"] / micros["parts"]
    return Answer(
        question="Rating a graduated charge",
        module="benchmarks.rating",
        setting=(
            f"{CHARGES:,} quantities, spread evenly over {TIERS} tiers with flat amounts, median of {ROUNDS} rounds in"
            " turns. Tiers are read before: the loop's are pydantic models, and it keeps parts as pydantic models where"
            " it keeps any. It calculates with 28 digits, which do for these quantities; ours with 80, which always do."
        ),
        figures=(
            Figure(what="amount", measured=micros["amount"], unit="us CPU", target=1),
            Figure(what="amount, naive loop over pydantic tiers", measured=micros["naive amount"], unit="us CPU"),
            Figure(what="naive loop / ours", measured=times, unit="x", target=4, at_least=True),
            Figure(what="amount with the parts that explain it", measured=micros["parts"], unit="us CPU"),
            Figure(what="the same by a loop over pydantic tiers", measured=micros["naive parts"], unit="us CPU"),
            Figure(what="loop with parts / ours with parts", measured=times_with_parts, unit="x"),
            Figure(what="parts, by tiers that are used once", measured=micros["once"], unit="us CPU"),
        ),
    )


def _in_turns(
    contenders: dict[str, Callable[[Decimal], Decimal]], asked: Sequence[Decimal]
) -> tuple[dict[str, float], dict[str, list[Decimal]]]:
    """Return the median CPU in microseconds a charge of each contender, and what it came to."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    amounts: dict[str, list[Decimal]] = {}
    for _ in range(ROUNDS):
        for name, contender in contenders.items():
            gc.collect()
            started = process_time()
            amounts[name] = [contender(quantity) for quantity in asked]
            seconds[name].append(process_time() - started)
    return {name: median(taken) / len(asked) * 1e6 for name, taken in seconds.items()}, amounts


if __name__ == "__main__":
    print(answer().markdown())
