"""Tax ids by their check digits: right ones pass, wrong ones are named, and what nobody knows is left alone."""

import pytest

from shared.adapters.tax.tax_ids import StandardTaxIds
from shared.contracts.catalog import catalog_sections, read_catalog
from shared.domain.master_data.catalog import Catalog
from tests.builders.billing import catalog


@pytest.mark.parametrize(
    ("tax_id", "country"),
    [
        ("FR40303265045", "FR"),
        ("DE136695976", "DE"),
        ("136695976", "DE"),
        ("ATU13585627", "DE"),  # registered in Austria, sold to in Germany
        ("EL094259216", "GR"),
        ("GB980780684", "GB"),
        ("53004085616", "AU"),
        ("whatever they write", "AQ"),
    ],
)
def test_a_right_tax_id_has_no_fault(tax_id: str, country: str) -> None:
    assert StandardTaxIds().fault(tax_id, country) == ""


@pytest.mark.parametrize(
    ("tax_id", "country", "reason"),
    [
        ("DE136695978", "DE", "no tax id of DE: its check digits do not fit"),
        ("FR4030326504", "FR", "no tax id of FR: it has too many or too few characters"),
        ("EL094259217", "GR", "no tax id of GR: its check digits do not fit"),
        ("ATU13585626", "DE", "no tax id of AT: its check digits do not fit"),
        ("DE-no-number", "DE", "no tax id of DE: "),
    ],
)
def test_a_wrong_tax_id_is_named_with_the_reason(tax_id: str, country: str, reason: str) -> None:
    assert StandardTaxIds().fault(tax_id, country).startswith(reason)


def test_a_catalogue_names_every_wrong_tax_id_at_once() -> None:
    sections = catalog_sections(catalog())
    customers, entities = sections["customers"], sections["legal_entities"]
    assert isinstance(customers, list)
    assert isinstance(entities, list)
    customers[0]["tax_id"] = "DE136695978"
    entities[0]["details"] = {"vat_id": "DE136695979"}

    found = read_catalog(sections, tax_ids=StandardTaxIds())

    assert not isinstance(found, Catalog)
    assert [(issue.code, issue.path) for issue in found] == [
        ("INVALID_TAX_ID", "customers[0].tax_id"),
        ("INVALID_TAX_ID", "legal_entities[0].details.vat_id"),
    ]
    assert isinstance(read_catalog(sections), Catalog)
