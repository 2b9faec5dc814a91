"""The guide to prices keeps its word: its prices load, and cost what its tables say, by the steps that they show."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.contracts.catalog.offers import MeterEntry, PriceEntry
from shared.contracts.catalog.price_models import entry_of
from shared.domain.metering.levels import LevelChange
from shared.domain.metering.transactions import Transaction
from shared.domain.money import exact_sum
from shared.domain.rating.charge_models import ChargeModel, GraduatedProrated, Percentage, StairstepByUnit
from shared.domain.rating.rate import rate
from shared.domain.rating.usage import ChargedUsage, LevelChanges, Transactions, UnitQuantities

GUIDE = (Path(__file__).parents[4] / "docs" / "guides" / "pricing.md").read_text()
SECTIONS = re.split(r"^## ", GUIDE, flags=re.MULTILINE)[1:]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Example:
    model: ChargeModel
    usage: str
    amount: Decimal
    steps: tuple[tuple[Decimal, Decimal, Decimal], ...]


def entries(section: str) -> list[dict[str, Any]]:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return list(yaml.load(block, yaml.BaseLoader))  # every value as its text, as catalogues are read


def prices() -> Iterator[tuple[str, Mapping[str, ChargeModel]]]:
    for section in SECTIONS:
        if "| usage | amount |" in section:
            read = [PriceEntry.model_validate(entry) for entry in entries(section)]
            yield section, {entry.currency: entry.model() for entry in read}


def examples() -> Iterator[Any]:
    for section, models in prices():
        for usage, amount, steps in re.findall(
            r"^\| ([-+A-Zcd0-9].*?) \| ([0-9.]+) \| (.*) \|$", section, re.MULTILINE
        ):
            code, _, rest = usage.partition(" ")
            model = models.get(code, models["EUR"])
            told = tuple(step_of(step) for step in steps.split(", "))
            example = Example(model, rest if code in models else usage, Decimal(amount), told)
            yield pytest.param(example, id=f"{section.splitlines()[0]}: {usage}")


def step_of(text: str) -> tuple[Decimal, Decimal, Decimal]:
    product, _, flat = text.partition(" + ")
    quantity, price = product.split(" x ")
    return Decimal(quantity), Decimal(price), Decimal(flat or 0)


def usage_of(example: Example) -> ChargedUsage:
    told = example.usage.split(", ")
    match example.model:
        case Percentage():
            instants = (NOON + timedelta(seconds=number) for number in range(len(told)))
            return Transactions(
                tuple(Transaction(at, "pay", "1", Decimal(of)) for at, of in zip(instants, told, strict=True))
            )
        case GraduatedProrated():
            changes = (one.split(" for ") for one in told)
            return LevelChanges(tuple(LevelChange(Decimal(units), Fraction(share)) for units, share in changes))
        case StairstepByUnit():
            units = (one.split(" ") for one in told)
            return UnitQuantities(tuple((unit, Decimal(quantity)) for unit, quantity in units))
        case _:
            return Decimal(example.usage)


@pytest.mark.parametrize("example", list(examples()))
def test_a_price_costs_what_the_guide_says_by_the_steps_that_it_shows(example: Example) -> None:
    parts = rate(usage=usage_of(example), model=example.model)

    assert tuple((part.quantity, part.unit_price, part.flat_amount) for part in parts) == example.steps
    assert exact_sum(part.amount for part in parts) == example.amount


def test_every_model_is_priced_by_example() -> None:
    shown = {name for _, models in prices() for model in models.values() for name in entry_of(model)}

    assert shown == set(PriceEntry.model_fields) - {"currency", "valid_from", "valid_until", "match", "after"}


def test_the_meter_of_money_is_one() -> None:
    (section,) = (section for section in SECTIONS if section.startswith("Money on events"))

    for entry in entries(section):
        assert MeterEntry.model_validate(entry).to_domain().dimensions == ("currency",)
