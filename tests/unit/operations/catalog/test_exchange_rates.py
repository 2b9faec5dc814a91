"""Exchange rates: read as written, published as read, and every fault named."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from operations.catalog.load import load_catalog
from shared.contracts.catalog import catalog_document, read_catalog
from shared.domain.currency_exchange.published_rates import PublishedRates, RateSource
from shared.domain.master_data.catalog import Catalog
from shared.domain.money import currency
from tests.fakes.catalog_folder import spoil, write_catalog

ECB = "- {source: ECB, base: EUR, quote: USD, rates: {2026-10-30: 1.1172, 2026-10-29: 1.1130}}\n"


def with_rates(folder: Path, text: str) -> Path:
    write_catalog(folder)
    (folder / "exchange_rates.yaml").write_text(text, encoding="utf-8")
    return folder


def faults_of(folder: Path) -> list[tuple[str, int, str]]:
    faults = load_catalog(folder)
    assert not isinstance(faults, Catalog)
    return [(fault.code, fault.line, fault.path) for fault in faults]


def test_rates_are_read_as_they_are_written_and_published_as_read(tmp_path: Path) -> None:
    folder = with_rates(tmp_path, ECB)
    spoil(
        folder,
        file="legal_entities.yaml",
        old="  currency: USD\n",
        new="  currency: USD\n  exchange_rates: {source: ECB}\n",
    )

    catalog = load_catalog(folder)

    assert isinstance(catalog, Catalog)
    assert catalog.exchange_rates == (
        PublishedRates(
            source="ECB",
            base=currency("EUR"),
            quote=currency("USD"),
            rates=((date(2026, 10, 29), Decimal("1.1130")), (date(2026, 10, 30), Decimal("1.1172"))),
        ),
    )
    assert catalog.legal_entities[0].exchange_rates == RateSource(source="ECB", max_age=timedelta(days=7))
    document = catalog_document(catalog, published_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert read_catalog(json.loads(document.body)) == catalog


def test_a_source_that_has_no_rates_is_unknown(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path)
    spoil(
        folder,
        file="legal_entities.yaml",
        old="  currency: USD\n",
        new="  currency: USD\n  exchange_rates: {source: ECB}\n",
    )

    assert faults_of(folder) == [("UNKNOWN_REFERENCE", 5, "legal_entities[0].exchange_rates.source")]


@pytest.mark.parametrize(
    ("entry", "code", "key"),
    [
        ("{source: ECB, base: EUR, quote: EUR, rates: {2026-10-30: 1}}", "INVALID_VALUE", ""),
        ("{source: ECB, base: EUR, quote: QQQ, rates: {2026-10-30: 1}}", "UNKNOWN_CURRENCY", ".quote"),
        ("{source: ECB, base: EUR, quote: USD, rates: {}}", "INVALID_VALUE", ".rates"),
        ("{source: ECB, base: EUR, quote: USD, rates: {2026-10-30: 0}}", "INVALID_VALUE", ".rates.2026-10-30"),
        ("{source: ECB, base: EUR, quote: USD, rates: {2026-10-30: -1}}", "NEGATIVE_AMOUNT", ".rates.2026-10-30"),
        ("{source: ECB, base: EUR, quote: USD, rates: {2026-10-30: .inf}}", "NOT_A_NUMBER", ".rates.2026-10-30"),
        ("{source: ECB, base: EUR, quote: USD, rates: {30.10.2026: 1}}", "INVALID_VALUE", ".rates.30.10.2026"),
        # Of a rate beyond these an ERP takes no digit that counts, once an invoice has its number.
        ("{source: ECB, base: EUR, quote: GBP, rates: {2026-10-30: 9e-10}}", "INVALID_VALUE", ".rates.2026-10-30"),
        ("{source: ECB, base: EUR, quote: GBP, rates: {2026-10-30: 1000000001}}", "INVALID_VALUE", ".rates.2026-10-30"),
        # A day has one spelling, or one of two rates of it would silently win.
        ("{source: ECB, base: EUR, quote: GBP, rates: {20261030: 1}}", "INVALID_VALUE", ".rates.20261030"),
        ("{source: ECB, base: EUR, quote: GBP, rates: {2026-W44-5: 1}}", "INVALID_VALUE", ".rates.2026-W44-5"),
        ("{source: ECB, base: GBP, quote: USD}", "VALUE_MISSING", ".rates"),
    ],
)
def test_a_faulty_entry_is_named(tmp_path: Path, entry: str, code: str, key: str) -> None:
    assert faults_of(with_rates(tmp_path, f"{ECB}- {entry}\n")) == [(code, 2, f"exchange_rates[1]{key}")]


def test_a_source_has_one_rate_a_day_whichever_way_it_is_written(tmp_path: Path) -> None:
    folder = with_rates(tmp_path, f"{ECB}- {{source: ECB, base: USD, quote: EUR, rates: {{2026-10-30: 0.9}}}}\n")

    assert faults_of(folder) == [("DUPLICATE_ID", 2, "exchange_rates[1].rates.2026-10-30")]
