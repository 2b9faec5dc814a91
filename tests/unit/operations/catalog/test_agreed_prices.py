"""Prices of a contract load as they were written, and each fault of one is named at its place."""

import json
from pathlib import Path

import pytest

from operations.catalog.source import read_source
from shared.contracts.catalog import catalog_sections, read_catalog
from shared.contracts.catalog.records import account_text, read_account
from shared.domain.master_data.catalog import Catalog, CustomerAccount
from tests.fakes.catalog_folder import spoil, write_catalog

PLACE = "contracts[0].prices"


def loaded(folder: Path, prices: str, *, book: tuple[str, str] | None = None) -> Catalog | dict[str, tuple[str, str]]:
    """Load the small catalogue with prices of acme's contract; return its faults by path."""
    write_catalog(folder)
    spoil(folder, file="contracts.yaml", old="  subscriptions:\n", new=f"  prices: [{prices}]\n  subscriptions:\n")
    if book:
        spoil(folder, file="price_book.yaml", old=book[0], new=book[1])
    found = read_catalog({file.stem: read_source(file).tree for file in folder.iterdir()})
    return found if isinstance(found, Catalog) else {issue.path: (issue.code, issue.message) for issue in found}


SOUND = (
    "{charge: api-calls, per_unit: 0.02}",
    "{charge: api-calls, subscription: s-acme, currency: USD, package: {size: 100, price: 1.5}}",
    "{charge: base-fee, flat: 99, valid_from: 2026-03-01, valid_until: 2026-09-01}",
    "{charge: base-fee, flat: 99, valid_until: 2026-04-01}, {charge: base-fee, flat: 89, valid_from: 2026-04-01}",
)


@pytest.mark.parametrize("prices", SOUND)
def test_a_price_of_a_contract_comes_back_as_it_was_written(prices: str, tmp_path: Path) -> None:
    catalog = loaded(tmp_path, prices)

    assert isinstance(catalog, Catalog), catalog
    assert read_catalog(json.loads(json.dumps(catalog_sections(catalog)))) == catalog
    account = CustomerAccount(customer=catalog.customers[0], contracts=(catalog.contracts[0],))
    assert read_account(account_text(account)) == account


FAULTS = {
    "{charge: storage, per_unit: 1}": ("UNKNOWN_REFERENCE", "[0].charge"),
    "{charge: api-calls, subscription: s-chandra, per_unit: 1}": ("UNKNOWN_REFERENCE", "[0].subscription"),
    "{charge: api-calls, currency: EUR, per_unit: 1}": ("INVALID_VALUE", "[0].currency"),
    "{charge: api-calls, currency: DOLLAR, per_unit: 1}": ("UNKNOWN_CURRENCY", "[0].currency"),
    "{charge: api-calls, per_unit: -1}": ("NEGATIVE_AMOUNT", "[0].per_unit"),
    "{charge: api-calls, per_unit: .inf}": ("NOT_A_NUMBER", "[0].per_unit"),
    "{charge: api-calls}": ("INVALID_VALUE", "[0]"),
    "{charge: api-calls, flat: 1}": ("MODEL_DOES_NOT_FIT", "[0]"),
    "{charge: base-fee, per_unit: 1}": ("MODEL_DOES_NOT_FIT", "[0]"),
    "{charge: api-calls, dynamic: 1.2}": ("MODEL_DOES_NOT_FIT", "[0]"),
    "{charge: api-calls, graduated: [{up_to: 5, unit_price: 1}]}": ("TIERS_OUT_OF_ORDER", "[0].graduated"),
    "{charge: api-calls, per_unit: 1, valid_until: 2027-02-01}": ("PERIODS_CONTRADICT", "[0]"),
    "{charge: api-calls, per_unit: 1, valid_from: 2026-05-01, valid_until: 2026-04-01}": ("PERIOD_REVERSED", "[0]"),
    "{charge: api-calls, per_unit: 1, valid_from: 2026-05-01T00:01:00Z}": ("NOT_ON_WINDOW_EDGE", "[0].valid_from"),
    "{charge: api-calls, per_unit: 1}, {charge: api-calls, subscription: s-acme, per_unit: 2}": (
        "OVERLAPPING_PRICES",
        "[1]",
    ),
}


@pytest.mark.parametrize("prices", FAULTS)
def test_a_fault_of_an_agreed_price_is_named_at_its_place(prices: str, tmp_path: Path) -> None:
    code, where = FAULTS[prices]
    faults = loaded(tmp_path, prices)

    assert isinstance(faults, dict)
    assert faults[f"{PLACE}{where}"][0] == code


def test_a_percentage_in_place_of_a_price_of_units_is_refused_and_says_so(tmp_path: Path) -> None:
    faults = loaded(tmp_path, "{charge: api-calls, pre_rated: true}")

    assert isinstance(faults, dict)
    assert faults == {
        f"{PLACE}[0]": (
            "MODEL_DOES_NOT_FIT",
            "the price book prices api-calls as units, and this price is of shares of money",
        )
    }


def test_what_a_contract_has_agreed_on_needs_no_price_in_the_price_book(tmp_path: Path) -> None:
    book = ("- {currency: USD, flat: 149.00, valid_until: 2026-07-01}", "- {currency: EUR, flat: 149.00}")
    agreed = "{charge: base-fee, flat: 99, valid_until: 2026-07-01}"

    missing = loaded(tmp_path, "", book=book)
    assert isinstance(missing, dict)
    assert missing["price_book[0].charges[0].prices"][1].startswith("contract c-acme needs a USD price of base-fee")
    still_missing = loaded(tmp_path, agreed, book=book)
    assert isinstance(still_missing, dict)
    assert still_missing["price_book[0].charges[0].prices"][1].startswith("contract c-chandra needs a USD price")
