"""Payment terms: read by either key, published as read, and every fault named."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from operations.catalog.load import load_catalog
from shared.contracts.catalog import catalog_document, read_catalog
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.payment_terms import DayOfNextMonth, DaysAfterMonthEnd, NetDays, PaymentTerms
from tests.fakes.catalog_folder import spoil, write_catalog


def with_terms(folder: Path, *keys: str) -> Path:
    write_catalog(folder)
    written = "".join(f"  {key}\n" for key in keys)
    spoil(folder, file="contracts.yaml", old="  currency: USD\n", new=f"  currency: USD\n{written}")
    return folder


@pytest.mark.parametrize(
    ("key", "terms"),
    [
        ("payment_terms_days: 0", NetDays(0)),
        ("payment_terms: {days_after_month_end: 10}", DaysAfterMonthEnd(10)),
        ("payment_terms: {day_of_next_month: 15}", DayOfNextMonth(15)),
    ],
)
def test_terms_are_read_as_written_and_published_as_read(tmp_path: Path, key: str, terms: PaymentTerms) -> None:
    catalog = load_catalog(with_terms(tmp_path, key))

    assert isinstance(catalog, Catalog)
    assert catalog.contracts[0].payment_terms == terms
    document = catalog_document(catalog, published_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert read_catalog(json.loads(document.body)) == catalog


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        (["payment_terms: {}"], ".payment_terms"),
        (["payment_terms: {days_after_month_end: 10, day_of_next_month: 15}"], ".payment_terms"),
        (["payment_terms: {day_of_next_month: 32}"], ".payment_terms.day_of_next_month"),
        (["payment_terms: {days_after_month_end: -1}"], ".payment_terms.days_after_month_end"),
        (["payment_terms_days: 366"], ".payment_terms_days"),
        (["payment_terms_days: 30", "payment_terms: {day_of_next_month: 15}"], ""),
    ],
)
def test_terms_that_say_nothing_or_two_things_are_named(tmp_path: Path, keys: list[str], path: str) -> None:
    faults = load_catalog(with_terms(tmp_path, *keys))

    assert not isinstance(faults, Catalog)
    assert [(fault.code, fault.path) for fault in faults] == [("INVALID_VALUE", f"contracts[0]{path}")]
