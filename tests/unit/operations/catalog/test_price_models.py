"""Prices of every charge model load as they were written, and each fault of one is named at its place."""

import json
from pathlib import Path

import pytest

from operations.catalog.source import read_source
from shared.contracts.catalog import catalog_sections, read_catalog
from shared.domain.master_data.catalog import Catalog
from shared.domain.rating.charge_models import Graduated, Volume
from tests.fakes.catalog_folder import METERS, PRICE_BOOK, spoil, write_catalog

GRADUATED = PRICE_BOOK[PRICE_BOOK.index("        - currency: USD\n          graduated:") :]
CALLS = "{id: api_calls, name: API requests, unit: request, aggregation: count, dimensions: [region]}"
PAYMENTS = "{id: api_calls, name: Payments, unit: USD, aggregation: transactions, dimensions: [currency]}"
SEATS = "{id: api_calls, name: Seats, unit: seat, aggregation: weighted_sum}"
PRICE = "price_book[0].charges[1].prices[0]"


def loaded(folder: Path, price: str, *, meter: str = CALLS) -> Catalog | dict[str, tuple[str, str]]:
    """Load the small catalogue with one price of API calls; return its faults by path."""
    assert f"- {CALLS}\n" == METERS
    write_catalog(folder)
    spoil(folder, file="price_book.yaml", old=GRADUATED, new=f"        - {{currency: USD, {price}}}\n")
    spoil(folder, file="meters.yaml", old=CALLS, new=meter)
    found = read_catalog({file.stem: read_source(file).tree for file in folder.iterdir()})
    return found if isinstance(found, Catalog) else {issue.path: (issue.code, issue.message) for issue in found}


SOUND = {
    "volume: [{up_to: 5, unit_price: 1, flat_amount: 3}, {unit_price: 0.5}], first_flat_without_usage: false": CALLS,
    "graduated: [{unit_price: 0.5}], first_flat_without_usage: false": CALLS,
    "package: {size: 1000, price: 5}": CALLS,
    "package: {size: 1000, price: 5, free_units: 10, rounding: down}": CALLS,
    "stairstep: [{up_to: 5, amount: 1}, {amount: 2}]": CALLS,
    "stairstep_by_unit: {dimension: region, steps: [{up_to: {eu: 5, us: 7}, amount: 1}, {amount: 2}]}": CALLS,
    "graduated_blocks: [{blocks: 3, block_size: 10, block_price: 1}, {block_size: 5, block_price: 0.1}]": CALLS,
    "volume_blocks: [{blocks: 3, block_size: 10, block_price: 1}, {block_size: 5, block_price: 0.1}]": CALLS,
    "graduated_prorated: [{up_to: 5, unit_price: 10, flat_amount: 100}, {unit_price: 5}]": SEATS,
    "percentage: {rate: 0.02, minimum: 0.50}": PAYMENTS,
    "percentage: {rate: 0.02, fixed_amount: 0.3, free_transactions: 3, free_amount: 10, maximum: 5}": PAYMENTS,
    "graduated_percentage: [{up_to: 100, rate: 0.02, flat_amount: 1}, {rate: 0.01}]": PAYMENTS,
    "dynamic: 1.2": PAYMENTS,
    "pre_rated: true": PAYMENTS,
}


@pytest.mark.parametrize("price", SOUND)
def test_a_price_comes_back_as_it_was_written(price: str, tmp_path: Path) -> None:
    catalog = loaded(tmp_path, price, meter=SOUND[price])

    assert isinstance(catalog, Catalog), catalog
    assert read_catalog(json.loads(json.dumps(catalog_sections(catalog)))) == catalog


def test_the_first_flat_amount_is_due_without_usage_unless_the_price_says_no(tmp_path: Path) -> None:
    due = loaded(tmp_path / "due", "graduated: [{unit_price: 1, flat_amount: 5}]")
    waived = loaded(tmp_path / "no", "volume: [{unit_price: 1, flat_amount: 5}], first_flat_without_usage: false")

    assert isinstance(due, Catalog)
    assert isinstance(waived, Catalog)
    models = [catalog.plans[0].charges[1].prices[0].model for catalog in (due, waived)]
    assert isinstance(models[0], Graduated)
    assert isinstance(models[1], Volume)
    assert [model.first_flat_without_usage for model in models if isinstance(model, Graduated | Volume)] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("price", "meter", "path", "code", "why"),
    [
        ("package: {size: 0, price: 5}", CALLS, ".package.size", "INVALID_VALUE", "above zero"),
        ("package: {size: 1, price: -5}", CALLS, ".package.price", "NEGATIVE_AMOUNT", "at least zero"),
        ("package: {size: .inf, price: 5}", CALLS, ".package.size", "NOT_A_NUMBER", "number"),
        ("package: {size: 1, price: 5, rounding: off}", CALLS, ".package.rounding", "INVALID_VALUE", "up"),
        ("dynamic: NaN", PAYMENTS, ".dynamic", "NOT_A_NUMBER", "finite"),
        ("pre_rated: false", PAYMENTS, ".pre_rated", "INVALID_VALUE", "true, or left out"),
        ("percentage: {rate: 2}", PAYMENTS, ".percentage.rate", "INVALID_VALUE", "fraction"),
        (
            "percentage: {rate: 0.1, free_transactions: -1}",
            PAYMENTS,
            ".percentage.free_transactions",
            "INVALID_VALUE",
            "greater",
        ),
        (
            "percentage: {rate: 0.1, minimum: 3, maximum: 2}",
            PAYMENTS,
            ".percentage.maximum",
            "INVALID_VALUE",
            "at least 3 and at most 2",
        ),
        ("percentage: {rate: 0.1}", SEATS, ".percentage", "MODEL_DOES_NOT_FIT", "does not aggregate transactions"),
        ("graduated_prorated: [{unit_price: 1}]", CALLS, ".graduated_prorated", "MODEL_DOES_NOT_FIT", "weighted_sum"),
        ("volume: []", CALLS, ".volume", "TIERS_OUT_OF_ORDER", "last tier"),
        ("volume: [{up_to: 5, unit_price: 1}]", CALLS, ".volume", "TIERS_OUT_OF_ORDER", "last tier"),
        ("stairstep: [{up_to: 0, amount: 1}, {amount: 2}]", CALLS, ".stairstep[0]", "TIERS_OUT_OF_ORDER", "above"),
        (
            "graduated_percentage: [{up_to: 9, rate: 0}, {up_to: 5, rate: 0}, {rate: 0}]",
            PAYMENTS,
            ".graduated_percentage[1]",
            "TIERS_OUT_OF_ORDER",
            "above",
        ),
        (
            "graduated_blocks: [{block_size: 1, block_price: 1}, {block_size: 1, block_price: 1}]",
            CALLS,
            ".graduated_blocks[0]",
            "TIERS_OUT_OF_ORDER",
            "only the last",
        ),
        (
            "volume_blocks: [{blocks: 0, block_size: 1, block_price: 1}, {block_size: 1, block_price: 1}]",
            CALLS,
            ".volume_blocks[0].blocks",
            "INVALID_VALUE",
            "above zero",
        ),
        (
            "stairstep_by_unit: {dimension: cloud, steps: [{up_to: {eu: 5}, amount: 1}, {amount: 2}]}",
            CALLS,
            ".stairstep_by_unit.dimension",
            "UNKNOWN_REFERENCE",
            "no dimension 'cloud'",
        ),
        (
            "stairstep_by_unit: {dimension: region, steps: [{amount: 2}]}",
            CALLS,
            ".stairstep_by_unit.steps",
            "TIERS_OUT_OF_ORDER",
            "no kind of unit",
        ),
        (
            "stairstep_by_unit: {dimension: region, steps: [{up_to: {eu: 5}, amount: 1}, {up_to: {eu: 5}, amount: 2}]}",
            CALLS,
            ".stairstep_by_unit.steps[1]",
            "TIERS_OUT_OF_ORDER",
            "eu: up_to",
        ),
        ("per_unit: 1, first_flat_without_usage: false", CALLS, "", "INVALID_VALUE", "per_unit has no first tier"),
        ("per_unit: 1, pre_rated: true", CALLS, "", "INVALID_VALUE", "exactly one of"),
    ],
)
def test_a_price_that_cannot_be_applied_is_named(
    price: str, meter: str, path: str, code: str, why: str, tmp_path: Path
) -> None:
    faults = loaded(tmp_path, price, meter=meter)

    assert isinstance(faults, dict)
    assert faults[f"{PRICE}{path}"][0] == code
    assert why in faults[f"{PRICE}{path}"][1]


def test_every_fault_of_a_price_is_named_at_once(tmp_path: Path) -> None:
    faults = loaded(tmp_path, "graduated: [{up_to: 9, unit_price: -1}, {up_to: 5, unit_price: .inf}]")

    assert isinstance(faults, dict)
    assert set(faults) == {f"{PRICE}.graduated[0].unit_price", f"{PRICE}.graduated[1].unit_price"}


def test_money_needs_its_currency_kept_and_not_matched(tmp_path: Path) -> None:
    without = loaded(tmp_path, "dynamic: 1.2")

    assert isinstance(without, dict)
    assert without["price_book[0].charges[1]"][0] == "MODEL_DOES_NOT_FIT"
    assert "keeps no dimension 'currency'" in without["price_book[0].charges[1]"][1]


def test_one_charge_is_of_money_in_every_currency_or_in_none(tmp_path: Path) -> None:
    faults = loaded(tmp_path, "dynamic: 1.2}\n        - {currency: EUR, per_unit: 1", meter=PAYMENTS)

    assert isinstance(faults, dict)
    assert faults["price_book[0].charges[1].prices[1]"][0] == "MODEL_DOES_NOT_FIT"
