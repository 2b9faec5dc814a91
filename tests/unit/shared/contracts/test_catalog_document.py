"""The published document says all that the folder said, once and for good."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from operations.catalog.load import load_catalog
from shared.contracts.catalog import catalog_document, catalog_sections, read_catalog
from shared.domain.master_data.catalog import Catalog
from tests.builders.catalog import catalog

DEMO = Path(__file__).parents[4] / "events" / "scenarios" / "demo" / "catalog"
PUBLISHED_AT = datetime(2026, 3, 1, tzinfo=UTC)


def demo() -> Catalog:
    catalog = load_catalog(DEMO)
    assert isinstance(catalog, Catalog)
    return catalog


def test_reading_a_document_gives_the_catalog_it_was_written_from() -> None:
    document = json.loads(json.dumps(catalog_sections(demo())))

    assert read_catalog(document) == demo()


def test_entitlements_names_parents_and_regions_are_published_as_they_were_written() -> None:
    entitlements = """  entitlements:
    - {meter: api_calls, limit: 1000.5, overage: refused}
    - {feature: single_sign_on}
  charges:
"""
    limited = catalog(file="price_book.yaml", old="  charges:\n", new=entitlements)
    below_acme = """- id: chandra
  subjects: [{subject: lab, valid_from: 2026-03-01}]
  parents: [{customer: acme, billed_by: parent, valid_until: 2026-05-01}]
  regions: [{region: apac}]
"""
    dated = catalog(file="customers.yaml", old="- id: chandra\n", new=below_acme)

    for known in (limited, dated):
        assert read_catalog(json.loads(json.dumps(catalog_sections(known)))) == known


def test_dates_have_become_instants_so_that_no_time_zone_update_moves_them() -> None:
    contracts = catalog_sections(demo())["contracts"]

    assert isinstance(contracts, list)
    assert contracts[6]["valid_from"] == "2026-02-28T18:30:00.000000Z"


def test_later_versions_sort_after_earlier_ones_and_the_same_content_has_one_digest() -> None:
    earlier = catalog_document(demo(), published_at=PUBLISHED_AT)
    later = catalog_document(demo(), published_at=PUBLISHED_AT + timedelta(microseconds=1))

    assert earlier.version < later.version
    assert earlier.version[-12:] == later.version[-12:]
    assert earlier.body == later.body


def test_the_message_says_where_the_document_is() -> None:
    published = catalog_document(demo(), published_at=PUBLISHED_AT)

    assert published.message == {"tenant": "nimbus", "version": published.version, "key": published.key}
    assert published.key == f"nimbus/{published.version}.json"


def test_a_document_that_contradicts_itself_is_refused_with_paths() -> None:
    document = catalog_sections(demo())
    document["products"] = []

    result = read_catalog(document)

    assert isinstance(result, tuple)
    assert "price_book[0].charges[0].product" in {issue.path for issue in result}


def test_a_document_with_an_unknown_section_is_refused() -> None:
    result = read_catalog(catalog_sections(demo()) | {"discounts": []})

    assert isinstance(result, tuple)
    assert [(issue.path, issue.code) for issue in result] == [("discounts", "KEY_UNKNOWN")]
