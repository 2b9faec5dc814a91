"""A charge with prices by dimension loads as it was written, and each fault of one is named at its place."""

import json
from pathlib import Path

import pytest

from operations.catalog.source import read_source
from shared.contracts.catalog import catalog_sections, read_catalog
from shared.contracts.catalog.records import plan_text, read_plan
from shared.domain.master_data.catalog import Catalog
from tests.fakes.catalog_folder import spoil, write_catalog

CHARGE = "price_book[0].charges[2]"
BY_MODEL_AND_TIER = "price_by: [model, tier], prices: "
LARGE_GOLD = "currency: USD, match: {tier: gold, model: large}"
SOUND = (
    "[{currency: USD, match: {model: large, tier: gold}, per_unit: 3}, {currency: USD, per_unit: 1}]",
    "[{currency: USD, match: {model: large, tier: gold}, per_unit: 3}]",
    f"[{{{LARGE_GOLD}, per_unit: 3, valid_until: 2026-07-01}}, {{{LARGE_GOLD}, per_unit: 2, valid_from: 2026-07-01}}]",
)


def loaded(folder: Path, charge: str) -> Catalog | dict[str, tuple[str, str]]:
    """Load the small catalogue with a meter of tokens and a charge for them; return its faults by path."""
    write_catalog(folder)
    meter = "- {id: tokens, name: Tokens, unit: token, aggregation: sum, dimensions: [model, tier]}"
    spoil(folder, file="meters.yaml", old="- {id: api_calls", new=f"{meter}\n- {{id: api_calls")
    with (folder / "price_book.yaml").open("a") as book:
        book.write(f"    - {{id: tokens, product: api, {charge}}}\n")
    found = read_catalog({file.stem: read_source(file).tree for file in folder.iterdir()})
    return found if isinstance(found, Catalog) else {issue.path: (issue.code, issue.message) for issue in found}


@pytest.mark.parametrize("prices", SOUND)
def test_prices_by_dimension_come_back_as_they_were_written(prices: str, tmp_path: Path) -> None:
    catalog = loaded(tmp_path, f"meter: tokens, {BY_MODEL_AND_TIER}{prices}")

    assert isinstance(catalog, Catalog), catalog
    assert read_catalog(json.loads(json.dumps(catalog_sections(catalog)))) == catalog
    assert read_plan(plan_text(catalog.plans[0])) == catalog.plans[0]


TOKENS = f"meter: tokens, {BY_MODEL_AND_TIER}"
DEFAULT = "{currency: USD, per_unit: 1}"
FAULTS = {
    f"{TOKENS}[{{currency: USD, match: {{model: large}}, per_unit: 3}}]": ("INVALID_VALUE", ".prices[0].match"),
    "meter: tokens, prices: [{currency: USD, match: {model: large}, per_unit: 3}]": (
        "INVALID_VALUE",
        ".prices[0].match",
    ),
    f"meter: tokens, price_by: [model, size], prices: [{DEFAULT}]": ("UNKNOWN_REFERENCE", ".price_by[1]"),
    f"meter: tokens, price_by: [model, model], prices: [{DEFAULT}]": ("INVALID_VALUE", ".price_by[1]"),
    f"meter: tokens, match: {{model: large}}, price_by: [model], prices: [{DEFAULT}]": (
        "INVALID_VALUE",
        ".price_by[0]",
    ),
    "price_by: [model], prices: [{currency: USD, flat: 1}]": ("MODEL_DOES_NOT_FIT", ".price_by"),
    f"{TOKENS}[{DEFAULT}, {DEFAULT}]": ("OVERLAPPING_PRICES", ".prices[1]"),
    f"{TOKENS}[{{currency: EUR, per_unit: 1}}]": ("PRICE_MISSING", ".prices"),
    f"{TOKENS}[{DEFAULT}], adjustments: [{{id: free, usage_discount: {{units: 5}}}}]": (
        "MODEL_DOES_NOT_FIT",
        ".adjustments[0]",
    ),
}


@pytest.mark.parametrize("charge", FAULTS)
def test_a_fault_of_prices_by_dimension_is_named_at_its_place(charge: str, tmp_path: Path) -> None:
    code, where = FAULTS[charge]
    faults = loaded(tmp_path, charge)

    assert isinstance(faults, dict)
    assert faults[f"{CHARGE}{where}"][0] == code


def test_two_prices_of_one_combination_are_named_by_it(tmp_path: Path) -> None:
    row = "{currency: USD, match: {model: large, tier: gold}, per_unit: 3}"
    faults = loaded(tmp_path, f"{TOKENS}[{DEFAULT}, {row}, {row}]")

    assert faults == {
        f"{CHARGE}.prices[2]": (
            "OVERLAPPING_PRICES",
            "this USD price of model large, tier gold is in force at the same time as prices[1]",
        )
    }
