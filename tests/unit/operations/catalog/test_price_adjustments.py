"""Price adjustments of charges and contracts load as they were written, and each fault of one is named at its place."""

import json
from pathlib import Path

import pytest

from operations.catalog.source import read_source
from shared.contracts.catalog import catalog_sections, read_catalog
from shared.contracts.catalog.records import account_text, plan_text, read_account, read_plan
from shared.domain.master_data.catalog import Catalog, CustomerAccount
from tests.fakes.catalog_folder import spoil, write_catalog

OF_CHARGE = "price_book[0].charges[1].adjustments[0]"
OF_CONTRACT = "contracts[0].adjustments[0]"


def loaded(
    folder: Path, *, charge: str = "", contract: str = "", products: str = "{minimum: '503'}"
) -> Catalog | dict[str, tuple[str, str]]:
    """Load the small catalogue with adjustments of API calls and of acme's contract; return its faults by path."""
    write_catalog(folder)
    spoil(
        folder,
        file="products.yaml",
        old="- {id: api, name: API requests}\n",
        new="- {id: api, name: API requests}\n- {id: minimum, name: Minimum}\n",
    )
    spoil(folder, file="legal_entities.yaml", old='api: "502"', new=f'api: "502", {products.strip("{}")}')
    spoil(
        folder,
        file="price_book.yaml",
        old="meter: api_calls\n",
        new=f"meter: api_calls\n      adjustments: [{charge}]\n",
    )
    spoil(
        folder, file="contracts.yaml", old="  subscriptions:\n", new=f"  adjustments: [{contract}]\n  subscriptions:\n"
    )
    found = read_catalog({file.stem: read_source(file).tree for file in folder.iterdir()})
    return found if isinstance(found, Catalog) else {issue.path: (issue.code, issue.message) for issue in found}


def faults_with(folder: Path, *, file: str, old: str, new: str) -> set[tuple[str, str]]:
    """Return path and code of each fault of the small catalogue after one change to it."""
    write_catalog(folder)
    spoil(folder, file=file, old=old, new=new)
    found = read_catalog({file.stem: read_source(file).tree for file in folder.iterdir()})
    assert not isinstance(found, Catalog)
    return {(issue.path, issue.code) for issue in found}


SOUND_OF_CHARGE = (
    "{id: free, usage_discount: {units: 1000}}",
    "{id: free, usage_discount: {percent: 12.5}, valid_from: 2026-03-01}",
    "{id: partner, percentage_discount: 10}",
    "{id: floor, minimum: {USD: 50, EUR: 45}, product: minimum}",
    "{id: cap, maximum: {USD: 500}, valid_until: 2027-01-01}",
)
SOUND_OF_CONTRACT = (
    "{id: launch, percentage_discount: 20, charges: [api-calls], billing_periods: 3}",
    "{id: coupon, fixed_discount: 100, valid_from: 2026-02-01, valid_until: 2026-05-01}",
    "{id: floor, minimum: 500, product: minimum}",
    "{id: cap, maximum: 5000, charges: [api-calls, base-fee]}",
    "{id: year, commitment: 12000, product: minimum, overage_factor: 1.2, true_up: false}",
    "{id: grant, credit: 100, priority: 2, charges: [api-calls], valid_until: 2026-07-01}",
    "{id: prepaid, credit: 100, product: minimum}",
    "{id: goodwill, credit_balance: 25.50, product: minimum}",
)


@pytest.mark.parametrize(
    ("charge", "contract"), [*((one, "") for one in SOUND_OF_CHARGE), *(("", one) for one in SOUND_OF_CONTRACT)]
)
def test_an_adjustment_comes_back_as_it_was_written(charge: str, contract: str, tmp_path: Path) -> None:
    catalog = loaded(tmp_path, charge=charge, contract=contract)

    assert isinstance(catalog, Catalog), catalog
    assert read_catalog(json.loads(json.dumps(catalog_sections(catalog)))) == catalog
    assert read_plan(plan_text(catalog.plans[0])) == catalog.plans[0]
    account = CustomerAccount(customer=catalog.customers[0], contracts=(catalog.contracts[0],))
    assert read_account(account_text(account)) == account


FAULTS_OF_CHARGE = {
    "{id: a, usage_discount: {units: -1}}": ("NEGATIVE_AMOUNT", ".usage_discount.units"),
    "{id: a, usage_discount: {units: 1, percent: 1}}": ("INVALID_VALUE", ".usage_discount"),
    "{id: a, percentage_discount: 101}": ("INVALID_VALUE", ".percentage_discount"),
    "{id: a, percentage_discount: 1, maximum: {USD: 5}}": ("INVALID_VALUE", ""),
    "{id: a, maximum: {DOLLAR: 5}}": ("UNKNOWN_CURRENCY", ".maximum.DOLLAR"),
    "{id: a, maximum: {USD: 10000.001}}": ("INVALID_VALUE", ""),
    "{id: a, maximum: {EUR: 5}}": ("PRICE_MISSING", ""),
    "{id: a, minimum: {USD: 5}}": ("VALUE_MISSING", ""),
    "{id: a, minimum: {USD: 5}, product: unknown}": ("UNKNOWN_REFERENCE", ".product"),
    "{id: a, percentage_discount: 1, product: minimum}": ("INVALID_VALUE", ""),
    "{id: a, percentage_discount: 1, valid_from: 2026-05-01, valid_until: 2026-04-01}": ("PERIOD_REVERSED", ""),
    "{id: a, percentage_discount: 1, valid_from: 2026-05-01T00:01:00Z}": ("NOT_ON_WINDOW_EDGE", ".valid_from"),
}
FAULTS_OF_CONTRACT = {
    "{id: a, fixed_discount: -5}": ("NEGATIVE_AMOUNT", ".fixed_discount"),
    "{id: a, percentage_discount: 100.5}": ("INVALID_VALUE", ".percentage_discount"),
    "{id: a}": ("INVALID_VALUE", ""),
    "{id: a, credit: 0.005}": ("INVALID_VALUE", ""),
    "{id: a, fixed_discount: 5, charges: [unknown]}": ("UNKNOWN_REFERENCE", ".charges"),
    "{id: a, fixed_discount: 5, billing_periods: 0}": ("INVALID_VALUE", ".billing_periods"),
    "{id: a, fixed_discount: 5, priority: 1}": ("INVALID_VALUE", ""),
    "{id: a, maximum: 5, billing_periods: 2}": ("INVALID_VALUE", ""),
    "{id: a, credit: 5, valid_from: 2026-05-01, valid_until: 2026-05-01}": ("PERIOD_REVERSED", ""),
    "{id: a, credit: 5, valid_until: 2027-02-01}": ("PERIODS_CONTRADICT", ""),
    "{id: a, commitment: 5, product: minimum, overage_factor: 0.9}": ("INVALID_VALUE", ".overage_factor"),
    "{id: a, commitment: 5}": ("VALUE_MISSING", ""),
    "{id: a, credit_balance: 5, product: minimum, charges: [api-calls]}": ("INVALID_VALUE", ""),
}


@pytest.mark.parametrize(
    ("charge", "contract", "code", "place"),
    [
        *((one, "", code, OF_CHARGE + where) for one, (code, where) in FAULTS_OF_CHARGE.items()),
        *(("", one, code, OF_CONTRACT + where) for one, (code, where) in FAULTS_OF_CONTRACT.items()),
    ],
)
def test_a_fault_of_an_adjustment_is_named_at_its_place(
    charge: str, contract: str, code: str, place: str, tmp_path: Path
) -> None:
    faults = loaded(tmp_path, charge=charge, contract=contract)

    assert isinstance(faults, dict)
    assert faults[place][0] == code


TOGETHER = {
    ("{id: a, minimum: {USD: 9}, product: minimum}, {id: b, maximum: {USD: 8}}", ""): "LIMITS_CONTRADICT",
    ("{id: a, usage_discount: {units: 5}}, {id: b, usage_discount: {percent: 5}}", ""): "LIMITS_CONTRADICT",
    ("{id: a, percentage_discount: 5}, {id: a, maximum: {USD: 8}}", ""): "DUPLICATE_ID",
    ("", "{id: a, maximum: 5}, {id: b, minimum: 9, product: minimum}"): "LIMITS_CONTRADICT",
    ("", "{id: a, maximum: 5}, {id: a, credit: 9}"): "DUPLICATE_ID",
    ("{id: a, percentage_discount: 5}", "{id: a, maximum: 5}"): "DUPLICATE_ID",
}


@pytest.mark.parametrize(("charge", "contract"), TOGETHER)
def test_adjustments_that_contradict_each_other_are_named(charge: str, contract: str, tmp_path: Path) -> None:
    faults = loaded(tmp_path, charge=charge, contract=contract)

    assert isinstance(faults, dict)
    assert {code for code, _ in faults.values()} == {TOGETHER[charge, contract]}


def test_limits_that_hold_at_different_times_do_not_contradict(tmp_path: Path) -> None:
    before, after = "valid_until: 2026-05-01", "valid_from: 2026-05-01"

    assert isinstance(
        loaded(tmp_path, contract=f"{{id: a, maximum: 5, {before}}}, {{id: b, minimum: 9, product: minimum, {after}}}"),
        Catalog,
    )


def test_a_commitment_needs_a_term_that_ends(tmp_path: Path) -> None:
    assert faults_with(
        tmp_path,
        file="contracts.yaml",
        old="  subscriptions:\n    - id: s-chandra",
        new="  adjustments: [{id: a, commitment: 5, product: api}]\n  subscriptions:\n    - id: s-chandra",
    ) == {("contracts[1].adjustments[0].valid_until", "VALUE_MISSING")}


def test_the_product_of_a_minimum_needs_an_account(tmp_path: Path) -> None:
    faults = loaded(tmp_path, contract="{id: a, minimum: 9, product: minimum}", products="{}")

    assert isinstance(faults, dict)
    assert faults["legal_entities[0].erp.products"][0] == "MAPPING_MISSING"


def test_units_of_a_fee_cannot_be_free(tmp_path: Path) -> None:
    assert faults_with(
        tmp_path,
        file="price_book.yaml",
        old="product: platform\n",
        new="product: platform\n      adjustments: [{id: a, usage_discount: {units: 5}}]\n",
    ) == {("price_book[0].charges[0].adjustments[0]", "MODEL_DOES_NOT_FIT")}


def test_a_fee_in_advance_is_adjusted_by_its_contract_only(tmp_path: Path) -> None:
    assert ("price_book[0].charges[0].adjustments[0]", "MODEL_DOES_NOT_FIT") in faults_with(
        tmp_path,
        file="price_book.yaml",
        old="product: platform\n",
        new="product: platform\n      billed: in_advance\n      adjustments: [{id: a, percentage_discount: 5}]\n",
    )
