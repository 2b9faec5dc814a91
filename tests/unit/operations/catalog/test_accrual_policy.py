"""A legal entity whose closed months are accrued names all that its journals need."""

from pathlib import Path

from operations.catalog.load import load_catalog
from shared.contracts.catalog import catalog_sections, read_catalog
from shared.domain.master_data.catalog import Catalog
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from tests.fakes.catalog_folder import spoil, write_catalog

MAPPED = """accounts: {unbilled_receivables: "1150"}
    revenue_accounts: {platform: "4000", api: "4010"}
    settings: """


def loaded(folder: Path, *spoilt: tuple[str, str]) -> Catalog | list[str]:
    write_catalog(folder)
    for old, new in (("  approval:\n", "  on_closed_period: accrue\n  approval:\n"), *spoilt):
        spoil(folder, file="legal_entities.yaml", old=old, new=new)
    result = load_catalog(folder)
    return result if isinstance(result, Catalog) else [f"{one.code} {one.path}: {one.message}" for one in result]


def test_an_entity_that_accrues_maps_the_account_between_both_journals(tmp_path: Path) -> None:
    catalog = loaded(tmp_path, ("settings: ", MAPPED))

    assert isinstance(catalog, Catalog)
    assert catalog.legal_entities[0].on_closed_period is ClosedPeriodPolicy.ACCRUE
    assert read_catalog(catalog_sections(catalog)) == catalog


def test_without_it_the_catalogue_is_refused(tmp_path: Path) -> None:
    faults = loaded(tmp_path, ("settings: ", MAPPED), ('accounts: {unbilled_receivables: "1150"}', "accounts: {}"))

    message = "on_closed_period: accrue needs an account of its ERP for unbilled_receivables"
    assert faults == [f"MAPPING_MISSING legal_entities[0].erp.accounts: {message}"]


def test_where_products_are_items_their_revenue_accounts_are_needed_too(tmp_path: Path) -> None:
    faults = loaded(tmp_path, ("settings: ", MAPPED), (', api: "4010"', ""))

    message = "on_closed_period: accrue needs the revenue account of api"
    assert faults == [f"MAPPING_MISSING legal_entities[0].erp.revenue_accounts: {message}"]


def test_the_currency_of_the_books_is_needed_where_the_erp_has_names_of_its_own(tmp_path: Path) -> None:
    faults = loaded(tmp_path, ("settings: ", MAPPED), ("  currency: USD\n", "  currency: CAD\n"))
    assert isinstance(faults, list)

    assert (
        "MAPPING_MISSING legal_entities[0].erp.currencies:"
        " no internal id for CAD, which on_closed_period: accrue books in"
    ) in faults
