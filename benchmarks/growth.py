"""How the cost of an event grows when there are ten times the events, customers or windows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from math import log

from benchmarks.free_dynamodb import FreeDynamoDb
from benchmarks.load import Load, packed
from benchmarks.ours import ours
from benchmarks.report import Answer, Figure
from benchmarks.turns import micros_an_event
from benchmarks.write_units import units_of

ROUNDS = 5
_BASE = Load(events=20_000, deliveries=20_000)
# What grows, by how much, and the loads at both ends; the exponent is per factor of ten by its nature.
GROWTH: Mapping[str, tuple[float, float, Load, Load]] = {
    "events": (
        0.06,
        100,
        replace(_BASE, events=4_000, deliveries=4_000),
        replace(_BASE, events=400_000, deliveries=400_000),
    ),
    "customers": (0.08, 1_000, replace(_BASE, customers=20), replace(_BASE, customers=20_000)),
    "windows": (0.12, 100, _BASE, replace(_BASE, span=timedelta(hours=100))),
}


def answer() -> Answer:
    figures: list[Figure] = []
    for name, (target, factor, small, large) in GROWTH.items():
        units, micros = _exponents(small, large, factor)
        figures += (
            Figure(what=f"write units, by {name} (x{factor:,.0f})", measured=units, target=target),
            Figure(what=f"CPU, by {name} (x{factor:,.0f})", measured=micros, target=target),
        )
    return Answer(
        question="Growth of the cost of an event",
        module="benchmarks.growth",
        setting=(
            "exponents: 0.06 means that ten times as much of it makes an event 15 % dearer. 1,000 events an invocation"
            f" on one lane, one layout throughout; CPU is the median of {ROUNDS} rounds in turns, on a client that"
            " costs nothing."
        ),
        figures=tuple(figures),
    )


def _exponents(small: Load, large: Load, factor: float) -> tuple[float, float]:
    envelopes = {load: packed(load.texts(), events=1_000) for load in (small, large)}
    units = {load: units_of(ours, found).written / load.deliveries for load, found in envelopes.items()}
    micros = micros_an_event(
        {
            "small": (lambda: ours(FreeDynamoDb()), envelopes[small], small.deliveries),
            "large": (lambda: ours(FreeDynamoDb()), envelopes[large], large.deliveries),
        },
        rounds=ROUNDS,
    )
    return log(units[large] / units[small], factor), log(micros["large"] / micros["small"], factor)


if __name__ == "__main__":
    print(answer().markdown())
