"""Pre-rated: events carry what they cost, and it is billed as it is, summed before it is rounded."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.rating.rated_charge import RatedPart


@dataclass(frozen=True, slots=True)
class PreRated:
    def __str__(self) -> str:
        return "amount of the events"


def rate_pre_rated(amount: Decimal) -> Iterator[RatedPart]:
    yield RatedPart.of("amount of the events", quantity=amount, unit_price=Decimal(1))
