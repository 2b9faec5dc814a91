"""How often a contract is billed loads as it was written, and what cannot be billed so is named at its place."""

import json
from pathlib import Path

import pytest

from operations.catalog.source import read_source
from shared.contracts.catalog import catalog_sections, read_catalog
from shared.contracts.catalog.records import account_text, read_account
from shared.domain.master_data.catalog import Catalog, CustomerAccount
from shared.domain.subscriptions.anniversary import CALENDAR_MONTHS, BillingCycle
from tests.fakes.catalog_folder import spoil, write_catalog

MORE = "- {id: more, name: More, charges: [], entitlements: [{meter: api_calls, limit: 500, overage: refused}]}\n"
C_MORE = "- {id: c-more, customer: acme, legal_entity: nimbus-us, currency: USD, valid_from: 2026-02-01,"
LIMITED = "  entitlements: [{meter: api_calls, limit: 1000, overage: refused}]\n  charges:\n"


def loaded(folder: Path, billing: str, *spoilt: tuple[str, str, str]) -> Catalog | dict[str, tuple[str, str]]:
    """Load the small catalogue with acme's contract billed so; return its faults by path."""
    write_catalog(folder)
    spoil(folder, file="contracts.yaml", old="  subscriptions:\n", new=f"  billing: {billing}\n  subscriptions:\n")
    for file, old, new in spoilt:
        spoil(folder, file=file, old=old, new=new)
    found = read_catalog({file.stem: read_source(file).tree for file in folder.iterdir()})
    return found if isinstance(found, Catalog) else {issue.path: (issue.code, issue.message) for issue in found}


@pytest.mark.parametrize(
    ("billing", "cycle"),
    [
        ("{anchor_day: 15, every_months: 3}", BillingCycle(anchor_day=15, every_months=3)),
        ("{anchor_day: 31}", BillingCycle(anchor_day=31)),
        ("{every_months: 12}", BillingCycle(every_months=12)),
        ("{}", CALENDAR_MONTHS),
    ],
)
def test_billing_comes_back_as_it_was_written(billing: str, cycle: BillingCycle, tmp_path: Path) -> None:
    catalog = loaded(tmp_path, billing)

    assert isinstance(catalog, Catalog), catalog
    assert [contract.billing for contract in catalog.contracts] == [cycle, CALENDAR_MONTHS]
    assert read_catalog(json.loads(json.dumps(catalog_sections(catalog)))) == catalog
    account = CustomerAccount(customer=catalog.customers[0], contracts=(catalog.contracts[0],))
    assert read_account(account_text(account)) == account


def test_what_was_published_before_there_was_a_choice_is_billed_by_calendar_months(tmp_path: Path) -> None:
    catalog = loaded(tmp_path, "{}")
    assert isinstance(catalog, Catalog), catalog
    stored = json.loads(account_text(CustomerAccount(customer=catalog.customers[0], contracts=catalog.contracts[:1])))
    del stored["contracts"][0]["billing"]

    assert read_account(json.dumps(stored)).contracts[0].billing == CALENDAR_MONTHS


@pytest.mark.parametrize(
    ("billing", "code", "where"),
    [
        ("{anchor_day: 0}", "INVALID_VALUE", ".anchor_day"),
        ("{anchor_day: 32}", "INVALID_VALUE", ".anchor_day"),
        ("{anchor_day: 1.5}", "INVALID_VALUE", ".anchor_day"),
        ("{every_months: 2}", "INVALID_VALUE", ".every_months"),
        ("{every_months: -1}", "INVALID_VALUE", ".every_months"),
        ("{anchor_day: 15, every_weeks: 2}", "KEY_UNKNOWN", ".every_weeks"),
    ],
)
def test_billing_that_is_not_offered_is_refused(billing: str, code: str, where: str, tmp_path: Path) -> None:
    faults = loaded(tmp_path, billing)

    assert isinstance(faults, dict), "it loads"
    assert {path: code for path, (code, _) in faults.items()} == {f"contracts[0].billing{where}": code}


@pytest.mark.parametrize("aggregation", ["latest", "weighted_sum"])
@pytest.mark.parametrize("billing", ["{anchor_day: 15}", "{every_months: 3}"])
def test_levels_are_billed_by_calendar_months_only(billing: str, aggregation: str, tmp_path: Path) -> None:
    faults = loaded(tmp_path, billing, ("meters.yaml", "aggregation: count", f"aggregation: {aggregation}"))

    assert isinstance(faults, dict), "it loads"
    assert {path: code for path, (code, _) in faults.items()} == {
        "contracts[0].subscriptions[0]": "BILLING_DOES_NOT_FIT"
    }
    assert "billed by calendar months only" in faults["contracts[0].subscriptions[0]"][1]


@pytest.mark.parametrize(("second", "fits"), [("{anchor_day: 15}", True), ("{every_months: 3}", False)])
def test_limits_of_two_contracts_add_up_only_in_the_same_billing_periods(
    second: str, fits: bool, tmp_path: Path
) -> None:
    found = loaded(
        tmp_path,
        "{anchor_day: 15}",
        ("price_book.yaml", "  charges:\n", LIMITED),
        ("price_book.yaml", "- id: growth", f"{MORE}- id: growth"),
        (
            "contracts.yaml",
            "- id: c-chandra\n",
            f"{C_MORE} billing: {second}, subscriptions: [{{id: s-more, plan: more}}]}}\n- id: c-chandra\n",
        ),
    )

    if fits:
        assert isinstance(found, Catalog), found
    else:
        assert isinstance(found, dict), "it loads"
        assert {path: code for path, (code, _) in found.items()} == {
            "contracts[1].subscriptions[0]": "BILLING_DOES_NOT_FIT"
        }
