"""Prices that begin later load as they were written, and each fault of one is named at its place."""

import json
from pathlib import Path

import pytest

from operations.catalog.source import read_source
from shared.contracts.catalog import catalog_sections, read_catalog
from shared.contracts.catalog.records import plan_text, read_plan
from shared.domain.master_data.catalog import Catalog
from tests.fakes.catalog_folder import spoil, write_catalog

PRICES = "price_book[0].charges[1].prices"
FIRST = "{currency: USD, per_unit: 1}"
LATER = "{currency: USD, per_unit: 2, after: "


def loaded(folder: Path, prices: str) -> Catalog | dict[str, tuple[str, str]]:
    """Load the small catalogue with these prices of API calls; return its faults by path."""
    write_catalog(folder)
    text = (folder / "price_book.yaml").read_text().partition("        - currency: USD\n")[0]
    (folder / "price_book.yaml").write_text(text)
    spoil(
        folder,
        file="price_book.yaml",
        old="meter: api_calls\n      prices:\n",
        new=f"meter: api_calls\n      prices: [{prices}]\n",
    )
    found = read_catalog({file.stem: read_source(file).tree for file in folder.iterdir()})
    return found if isinstance(found, Catalog) else {issue.path: (issue.code, issue.message) for issue in found}


SOUND = (
    f"{FIRST}, {{currency: USD, per_unit: 2, after: {{billing_periods: 3}}}}",
    f"{FIRST}, {LATER}{{months: 3}}}}, {LATER}{{months: 9}}}}",
    f"{FIRST}, {{currency: USD, per_unit: 2, after: {{months: 3, of: subscription}}}}",
)


@pytest.mark.parametrize("prices", SOUND)
def test_a_price_that_begins_later_comes_back_as_it_was_written(prices: str, tmp_path: Path) -> None:
    catalog = loaded(tmp_path, prices)

    assert isinstance(catalog, Catalog), catalog
    assert read_catalog(json.loads(json.dumps(catalog_sections(catalog)))) == catalog
    assert read_plan(plan_text(catalog.plans[0])) == catalog.plans[0]


FAULTS = {
    f"{FIRST}, {LATER}{{}}}}": ("INVALID_VALUE", "[1].after"),
    f"{FIRST}, {LATER}{{months: 1, billing_periods: 1}}}}": ("INVALID_VALUE", "[1].after"),
    f"{FIRST}, {LATER}{{months: 0}}}}": ("INVALID_VALUE", "[1].after.months"),
    f"{FIRST}, {LATER}{{months: 1.5}}}}": ("INVALID_VALUE", "[1].after.months"),
    f"{FIRST}, {LATER}{{months: 1, of: plan}}}}": ("INVALID_VALUE", "[1].after.of"),
    f"{FIRST}, {LATER}{{months: 1}}}}, {LATER}{{months: 1}}}}": ("OVERLAPPING_PRICES", "[2]"),
    f"{FIRST}, {LATER}{{months: 1}}}}, {LATER}{{billing_periods: 2}}}}": ("OVERLAPPING_PRICES", "[2]"),
    f"{LATER}{{months: 1}}}}": ("PRICE_MISSING", ""),
}


@pytest.mark.parametrize("prices", FAULTS)
def test_a_fault_of_a_price_that_begins_later_is_named_at_its_place(prices: str, tmp_path: Path) -> None:
    code, where = FAULTS[prices]
    faults = loaded(tmp_path, prices)

    assert isinstance(faults, dict)
    assert faults[f"{PRICES}{where}"][0] == code


def test_a_price_that_begins_later_leaves_the_time_before_without_one(tmp_path: Path) -> None:
    faults = loaded(tmp_path, f"{LATER}{{billing_periods: 2}}}}")

    assert isinstance(faults, dict)
    assert faults[PRICES][1] == "contract c-acme needs a USD price of api-calls from 2026-01-01 until 2026-03-01"
