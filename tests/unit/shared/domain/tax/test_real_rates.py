"""Rates that nobody here wrote: half a century of European VAT, read as a catalogue reads it. Set U2C_DATA_DIR."""

import csv
import json
import os
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shared.contracts.catalog.reading import Faults
from shared.contracts.catalog.taxes import TaxRateEntry
from shared.domain.master_data.catalog import TaxRate
from shared.domain.tax.document import instant_of
from shared.domain.tax.table import TaxTable

DATA = Path(os.environ.get("U2C_DATA_DIR", ""))
UTC = ZoneInfo("UTC")

pytestmark = pytest.mark.skipif("U2C_DATA_DIR" not in os.environ, reason="U2C_DATA_DIR is not set")


def read(**entry: object) -> tuple[TaxRate, ...]:
    faults = Faults()
    rates = TaxRateEntry.model_validate(entry).to_domain(path="", zone=UTC, faults=faults)
    assert faults.found == []
    return rates


def test_every_rate_of_the_history_is_found_on_its_first_and_on_its_last_day() -> None:
    with (DATA / "kdeldycke_vat_rates_historical.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if len(row["territory_codes"]) == 2]
    rates = [
        rate
        for row in rows
        for rate in read(
            code=f"VAT-{row['territory_codes']}",
            seller=row["territory_codes"],
            buyers=[row["territory_codes"]],
            rate=row["rate"],
            valid_from=row["start_date"],
            valid_until=row["stop_date"] or None,
        )
    ]

    assert len(rates) > 100
    for row in rows:
        table = TaxTable(rates, row["territory_codes"], row["territory_codes"])
        first = date.fromisoformat(row["start_date"])
        last = date.fromisoformat(row["stop_date"]) - timedelta(days=1) if row["stop_date"] else date(2026, 11, 1)
        for day in (first, last):
            found = table.rate_at(instant_of(day), "standard")
            assert found is not None
            assert found.rate == Decimal(row["rate"]), (row["territory_codes"], day)


def test_the_rates_of_today_are_read_without_a_digit_lost() -> None:
    countries = json.loads((DATA / "eu_vat_rates_data_2026-09-29.json").read_text(), parse_float=Decimal)["rates"]
    members = {code: entry["standard"] for code, entry in countries.items() if entry["eu_member"]}

    assert len(members) == 27
    for country, percent in members.items():
        code = "GR" if country == "EL" else country
        (rate,) = read(code=f"VAT-{code}", seller=code, buyers=[code], rate=str(percent / 100))
        assert rate.rate * 100 == percent
