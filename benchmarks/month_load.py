"""The load of the end-to-end benchmark: a month of a seller with two legal entities, two ERPs and five meters."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

EVENTS = 100_000
_START = datetime(2026, 3, 1, tzinfo=UTC)
_MONTH_SECONDS = 31 * 86_400
_METERS: dict[str, tuple[str, list[str]]] = {
    "api_calls": ("count", ["region"]),
    "data_transfer": ("sum", ["region"]),
    "peak_storage": ("max", []),
    "seats": ("latest", []),
    "active_users": ("unique", []),
}
_SELLERS = (
    {"id": "nimbus-de", "currency": "EUR", "country": "DE"},
    {"id": "nimbus-us", "currency": "USD", "country": "US"},
)


def write_month(folder: Path, *, customers: int, events: int = EVENTS) -> tuple[Path, Path]:
    """Write a catalogue folder and an events file, the same each time; return their paths."""
    folder.mkdir(parents=True)
    catalog, file = folder / "catalog", folder / "events.jsonl"
    catalog.mkdir()
    for name, section in _catalog([f"customer-{number:04d}" for number in range(customers)]).items():
        (catalog / f"{name}.json").write_text(json.dumps(section), encoding="utf-8")
    random = Random(20_260_301)
    with file.open("w", encoding="utf-8") as out:
        for _ in range(events):
            out.write(json.dumps(_event(random, f"customer-{random.randrange(customers):04d}")) + "\n")
    return catalog, file


def _event(random: Random, subject: str) -> dict[str, object]:
    meter = random.choice(list(_METERS))
    data: dict[str, object] = {"meter": meter}
    match _METERS[meter][0]:
        case "unique":
            data["unique_key"] = f"user-{random.randrange(500)}"
        case "count":
            pass
        case _:
            data["quantity"] = str(random.randrange(1, 5_000))
    if _METERS[meter][1]:
        data["dimensions"] = {"region": random.choice(["eu", "us"])}
    return {
        "specversion": "1.0",
        "id": str(UUID(int=random.getrandbits(128), version=4)),
        "source": "/nimbus/platform",
        "type": "usage.recorded",
        "subject": subject,
        "time": (_START + timedelta(seconds=random.randrange(_MONTH_SECONDS))).isoformat(),
        "dataschema": "urn:usage-contract:usage:2",
        "data": data,
    }


def _catalog(customers: list[str]) -> dict[str, object]:
    sellers = {customer: _SELLERS[number % 2] for number, customer in enumerate(customers)}
    return {
        "tenant": {"id": "nimbus", "name": "Nimbus Cloud"},
        "legal_entities": [_german_entity(), _american_entity()],
        "customers": [{"id": c, "name": c, "country": seller["country"]} for c, seller in sellers.items()],
        "contracts": [_contract(customer, seller) for customer, seller in sellers.items()],
        "products": [{"id": product, "name": product} for product in ("platform", *_METERS)],
        "meters": [
            {"id": meter, "name": meter, "unit": "unit", "aggregation": aggregation, "dimensions": dimensions}
            for meter, (aggregation, dimensions) in _METERS.items()
        ],
        "price_book": [{"id": "growth", "name": "Growth", "charges": _charges()}],
        "tax_rates": [
            {"code": "VAT", "seller": "DE", "buyers": ["DE"], "rate": "0.19"},
            {"code": "EXEMPT", "seller": "US", "buyers": ["*"], "rate": "0"},
        ],
    }


def _contract(customer: str, seller: dict[str, str]) -> dict[str, object]:
    return {
        "id": f"c-{customer}",
        "customer": customer,
        "legal_entity": seller["id"],
        "currency": seller["currency"],
        "valid_from": date(2026, 3, 1).isoformat(),
        "subscriptions": [{"id": f"s-{customer}", "plan": "growth"}],
    }


def _charges() -> list[dict[str, object]]:
    currencies = [seller["currency"] for seller in _SELLERS]
    tiers = [{"up_to": 50, "unit_price": "0"}, {"up_to": 100, "unit_price": "0.04"}, {"unit_price": "0.0275"}]
    base: dict[str, object] = {
        "id": "base",
        "product": "platform",
        "description": "Growth plan",
        "prices": [{"currency": currency, "flat": "149.00"} for currency in currencies],
    }
    metered: list[dict[str, object]] = [
        {
            "id": meter,
            "product": meter,
            "meter": meter,
            "description": meter,
            "prices": [{"currency": currency, "graduated": tiers} for currency in currencies],
        }
        for meter in _METERS
    ]
    return [base, *metered]


def _german_entity() -> dict[str, object]:
    return {
        **_SELLERS[0],
        "name": "Nimbus Deutschland GmbH",
        "invoice_series": "NDE-",
        "erp": {
            "system": "business_central",
            "connection": "nimbus-de/business-central",
            "company": "5d1f2a9c-7c1e-4a55-9d1b-3f0f6c0b8e21",
            "receivable_account": "1400",
            "tax_account": "1776",
            "products": {product: str(8400 + place) for place, product in enumerate(("platform", *_METERS))},
            "tax_codes": {"VAT": "VAT19"},
        },
    }


def _american_entity() -> dict[str, object]:
    return {
        **_SELLERS[1],
        "name": "Nimbus Cloud Inc.",
        "invoice_series": "NUS-",
        "erp": {
            "system": "netsuite",
            "connection": "nimbus-us/netsuite",
            "company": "3",
            "receivable_account": "1100",
            "tax_account": "2200",
            "products": {product: str(501 + place) for place, product in enumerate(("platform", *_METERS))},
            "tax_codes": {"EXEMPT": "7"},
            "currencies": {"USD": "1"},
            "settings": {"tax_type": "9"},
        },
    }
