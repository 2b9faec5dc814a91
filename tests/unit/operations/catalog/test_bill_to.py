"""Whom a contract's invoices go to loads as it was written, and has to be somebody who can be taxed."""

import json
from pathlib import Path

from operations.catalog.source import read_source
from shared.contracts.catalog import catalog_sections, read_catalog
from shared.contracts.catalog.records import account_text, read_account
from shared.domain.master_data.catalog import Catalog, CustomerAccount
from tests.fakes.catalog_folder import spoil, write_catalog

C_ACME = "- id: c-acme\n  customer: acme\n"


def loaded(folder: Path, bill_to: str, *spoilt: tuple[str, str, str]) -> Catalog | dict[str, str]:
    """Load the small catalogue with acme's invoices sent so; return the codes of its faults by path."""
    write_catalog(folder)
    spoil(folder, file="contracts.yaml", old=C_ACME, new=f"{C_ACME}  bill_to: {bill_to}\n")
    for file, old, new in spoilt:
        spoil(folder, file=file, old=old, new=new)
    found = read_catalog({file.stem: read_source(file).tree for file in folder.iterdir()})
    return found if isinstance(found, Catalog) else {issue.path: issue.code for issue in found}


def test_a_bill_to_comes_back_as_it_was_written(tmp_path: Path) -> None:
    catalog = loaded(tmp_path, "chandra")

    assert isinstance(catalog, Catalog), catalog
    assert [one.buyer_id for one in catalog.contracts] == ["chandra", "chandra"]
    assert [one.bill_to for one in catalog.contracts] == ["chandra", None]
    assert read_catalog(json.loads(json.dumps(catalog_sections(catalog)))) == catalog
    account = CustomerAccount(customer=catalog.customers[0], contracts=(catalog.contracts[0],))
    assert read_account(account_text(account)) == account


def test_a_bill_to_is_a_customer_of_the_catalogue(tmp_path: Path) -> None:
    assert loaded(tmp_path, "wayne") == {"contracts[0].bill_to": "UNKNOWN_REFERENCE"}


def test_tax_rates_have_to_be_those_of_the_bill_to(tmp_path: Path) -> None:
    only_american = ("tax_rates.yaml", 'buyers: [US, "*"]', "buyers: [US]")
    two_americans = ("customers.yaml", "country: IN", "country: US")

    assert loaded(tmp_path / "one", "chandra", only_american) == {"contracts[0].subscriptions[0]": "TAX_RATE_MISSING"}
    assert isinstance(loaded(tmp_path / "two", "chandra", only_american, two_americans), Catalog)
