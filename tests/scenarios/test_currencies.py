"""Currencies without decimals and with three of them, through both ERPs, each one foreign to the entity's books."""

import json
from pathlib import Path

import pytest

from tests.scenarios.small_month import MONTH_END, SmallMonth


def in_currencies(month: SmallMonth, *, acme: str, initech: str) -> None:
    """Sell to acme through Business Central and to initech through NetSuite, at prices of any currency."""
    for contract, currency in zip(month.catalog["contracts"], (acme, initech), strict=True):
        contract["currency"] = currency
    for entity in month.catalog["legal_entities"]:
        entity.pop("approval", None)
        entity["exchange_rates"] = {"source": "bank"}
        entity.get("details", {})["e_invoices"] = False  # EN 16931 knows two decimals: a third is refused by name
    month.catalog["legal_entities"][1]["erp"]["currencies"] = {initech: "5"}
    for charge in month.catalog["price_book"][0]["charges"]:
        charge["prices"] = [charge["prices"][0] | {"currency": currency} for currency in (acme, initech)]
    month.catalog["tax_rates"][1]["rate"] = "0.0725"
    month.catalog["exchange_rates"] = [
        {"source": "bank", "base": "EUR", "quote": acme, "rates": {"2026-03-31": "175.68"}},
        {"source": "bank", "base": initech, "quote": "USD", "rates": {"2026-03-31": "3.2415"}},
    ]


@pytest.mark.parametrize(
    ("acme", "initech", "gross"),
    [
        ("JPY", "KWD", {"JPY": "115 + 22 = 137", "KWD": "110.100 + 7.982 = 118.082"}),
        ("KWD", "JPY", {"KWD": "115.100 + 21.869 = 136.969", "JPY": "110 + 8 = 118"}),
    ],
)
def test_yen_and_dinars_tie_to_the_last_decimal(tmp_path: Path, acme: str, initech: str, gross: dict[str, str]) -> None:
    month = SmallMonth(tmp_path, lines=[json.dumps(event) for event in MONTH_END if event["subject"] != "vandelay"])
    in_currencies(month, acme=acme, initech=initech)

    with month.played() as played:
        documents = played.result.books.erp_documents
        assert {d.currency: f"{d.net} + {d.tax} = {d.gross}" for d in documents} == gross
        assert played.tie_out.is_settled
        assert not played.result.books.exceptions
