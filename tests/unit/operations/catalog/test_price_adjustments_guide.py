"""The guide to price adjustments keeps its word: they load, and months come to what its tables say."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from shared.contracts.catalog.price_adjustments import ChargeAdjustmentEntry, ContractAdjustmentEntry
from shared.contracts.catalog.reading import Faults
from shared.domain.identifiers import ChargeId, ProductId, SubscriptionId
from shared.domain.invoicing.settling import NOTHING_CARRIED, SettledBy
from shared.domain.master_data.catalog import Product
from shared.domain.master_data.customer import ALWAYS
from shared.domain.rating.adjustments import UsageDiscount
from shared.domain.rating.adjustments.usage_discount import free_units
from shared.domain.rating.contract import RatedContract
from shared.domain.rating.rated_charge import RatedCharge, RatedPart
from shared.domain.time_period import Period, billing_periods_from
from tests.builders.billing import contract

GUIDE = (Path(__file__).parents[4] / "docs" / "guides" / "pricing.md").read_text()
(ADJUSTMENTS,) = re.findall(r"^## Price adjustments$(.*?)^## ", GUIDE, re.MULTILINE | re.DOTALL)
SECTIONS = re.split(r"^### ", ADJUSTMENTS, flags=re.MULTILINE)[1:]
UTC_ZONE = ZoneInfo("UTC")
SINCE_2026 = Period(datetime(2026, 1, 1, tzinfo=UTC), None)
PRODUCTS = ("platform", "api", "minimum", "commitment", "prepaid", "balance")


def entry(section: str) -> dict[str, Any]:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    (only,) = yaml.load(block, yaml.BaseLoader)
    return dict(only)


def amounts(cell: str) -> dict[str, Decimal]:
    return {product: Decimal(amount) for product, amount in re.findall(r"(\w+) (-?[0-9.]+)", cell)}


def examples() -> Iterator[Any]:
    for section in SECTIONS:
        rows = re.findall(r"^\| (\w+ [0-9.]+.*?) \|(.*)\|$", section, re.MULTILINE)
        if rows:
            yield pytest.param(section, rows, id=section.splitlines()[0])


def charge(product: str, amount: Decimal, service_period: Period) -> RatedCharge:
    return RatedCharge(
        subscription_id=SubscriptionId("s"),
        charge_id=ChargeId(product),
        product_id=ProductId(product),
        description="",
        meter=None,
        quantity=Decimal(1),
        price="",
        parts=(RatedPart.of("flat", quantity=Decimal(1), flat_amount=amount),),
        service_period=service_period,
    )


@pytest.mark.parametrize(("section", "rows"), list(examples()))
def test_months_come_to_what_the_guide_says(section: str, rows: list[tuple[str, str]]) -> None:
    faults = Faults()
    agreed = ContractAdjustmentEntry.model_validate(entry(section)).to_domain(
        path="", contract=SINCE_2026, currency_code="EUR", zone=UTC_ZONE, faults=faults
    )
    assert agreed is not None, faults.found
    settled_by = SettledBy(
        contract=replace(contract(active=SINCE_2026), adjustments=(agreed,)),
        products={ProductId(one): Product(product_id=ProductId(one), name=one, tax_category="x") for one in PRODUCTS},
        zone=UTC_ZONE,
    )
    carried = NOTHING_CARRIED
    for month, (before, after) in zip(billing_periods_from(SINCE_2026.start, UTC_ZONE), rows, strict=False):
        charges = tuple(charge(product, amount, month.period) for product, amount in amounts(before).items())
        lines = settled_by.lines(RatedContract(charges, ()), month.period, carried=carried)
        carried = settled_by.carry(carried, lines)
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for line in lines:
            sums[line.product_id] += line.amount.amount

        assert {product: amount for product, amount in sums.items() if amount} == amounts(after), month.name


def test_free_units_are_what_the_guide_says() -> None:
    (section,) = (one for one in SECTIONS if one.startswith("Usage discount"))
    agreed = ChargeAdjustmentEntry.model_validate(entry(section)).to_domain(path="", zone=UTC_ZONE, faults=Faults())

    assert isinstance(agreed, UsageDiscount)
    assert agreed.valid == ALWAYS
    assert 1500 - free_units(agreed, Decimal(1500)) == 500


def test_every_adjustment_has_its_section() -> None:
    shown = {key for section in SECTIONS for key in entry(section)}
    kinds = {*ContractAdjustmentEntry.model_fields, *ChargeAdjustmentEntry.model_fields}

    assert kinds - shown == {"valid_from", "true_up", "priority"}
