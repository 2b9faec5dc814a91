"""A legal entity's tax engine in the catalogue: complete, or every gap named at once; the table without a word."""

from typing import Any

from shared.contracts.catalog import catalog_sections, read_catalog
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.tax_setup import TABLE_TAX, TaxEngineName
from tests.builders.billing import catalog

CATEGORIES = {"standard": "SW052000"}
AVATAX = {"engine": "avatax", "connection": "nimbus/avatax", "company": "NIMBUS", "categories": CATEGORIES}


def read(tax: dict[str, Any] | None, **erp: Any) -> Catalog | tuple[Issue, ...]:
    sections: dict[str, Any] = catalog_sections(catalog())
    (entity,) = sections["legal_entities"]
    entity["erp"] |= erp
    if tax is not None:
        entity["tax"] = tax
    return read_catalog(sections)


def test_without_a_word_the_table_taxes() -> None:
    found = read(None)

    assert isinstance(found, Catalog)
    assert found.legal_entities[0].tax == TABLE_TAX


def test_an_outside_engine_is_read_and_written_back_whole() -> None:
    found = read(AVATAX, tax_codes={"AVATAX": "12"})

    assert isinstance(found, Catalog)
    (entity,) = found.legal_entities
    assert (entity.tax.engine, entity.tax.code, entity.tax.company) == (TaxEngineName.AVATAX, "AVATAX", "NIMBUS")
    assert read_catalog(catalog_sections(found)) == found


def test_every_gap_of_an_engine_is_named_at_once() -> None:
    found = read({"engine": "avatax"}, tax_codes={})

    assert not isinstance(found, Catalog)
    assert {(issue.code, issue.path) for issue in found} == {
        ("VALUE_MISSING", "legal_entities[0].tax.connection"),
        ("VALUE_MISSING", "legal_entities[0].tax.company"),
        ("MAPPING_MISSING", "legal_entities[0].tax.categories"),
        ("MAPPING_MISSING", "legal_entities[0].erp.tax_codes"),
    }


def test_avatax_needs_to_know_where_a_seller_in_the_united_states_is() -> None:
    sections: dict[str, Any] = catalog_sections(catalog())
    sections["legal_entities"][0] |= {"tax": AVATAX, "country": "US"}
    sections["legal_entities"][0]["erp"]["tax_codes"] = {"AVATAX": "12"}

    found = read_catalog(sections)

    assert not isinstance(found, Catalog)
    assert [(issue.code, issue.path) for issue in found] == [("VALUE_MISSING", "legal_entities[0].details.address")]


def test_an_engine_that_nobody_knows_is_a_fault() -> None:
    found = read({"engine": "abacus"})

    assert not isinstance(found, Catalog)
    assert [issue.code for issue in found] == ["INVALID_VALUE"]
