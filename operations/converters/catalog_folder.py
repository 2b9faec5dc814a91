"""A catalogue for everyone found in a file: one contract each, one plan, a price per unit of every meter."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

SELLER = "log-host"
PLAN = "metered"
CATALOG_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,89}")
# The seller's company in its ERP. In a local run the simulated ERP is set up from the catalogue, so any id will do.
ERP_COMPANY = "0b9f8a34-52c1-4e0e-8a56-6d0f1c7b2e90"


@dataclass(frozen=True, slots=True)
class MeteredPrice:
    """One meter, how its events become a quantity, and the price of a unit."""

    meter: str
    aggregation: str
    unit_price: Decimal


def write_catalog(
    folder: Path, *, subjects: Iterable[str], prices: Sequence[MeteredPrice], currency: str, valid_from: date
) -> None:
    """Write the eight files; contracts start on `valid_from`. Nobody is taxed: a log does not tell the country."""
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(subjects)
    sections: dict[str, object] = {
        "tenant": {"id": SELLER, "name": "Log host"},
        "legal_entities": [_seller(prices, currency)],
        "customers": [_customer(subject) for subject in names],
        "contracts": [_contract(subject, currency, valid_from) for subject in names],
        "products": [{"id": price.meter, "name": price.meter} for price in prices],
        "meters": [
            {"id": price.meter, "name": price.meter, "unit": "unit", "aggregation": price.aggregation}
            for price in prices
        ],
        "price_book": [{"id": PLAN, "name": "Metered", "charges": [_charge(price, currency) for price in prices]}],
        "tax_rates": [{"code": "UNTAXED", "seller": "US", "buyers": ["*"], "rate": "0"}],
    }
    for name, section in sections.items():
        (folder / f"{name}.json").write_text(json.dumps(section, indent=1) + "\n", encoding="utf-8")


def _seller(prices: Sequence[MeteredPrice], currency: str) -> dict[str, object]:
    return {
        "id": SELLER,
        "name": "Log host",
        "country": "US",
        "currency": currency,
        "erp": {
            "system": "business_central",
            "connection": f"{SELLER}/business-central",
            "company": ERP_COMPANY,
            "receivable_account": "13100",
            "tax_account": "22500",
            "products": {price.meter: str(40100 + place) for place, price in enumerate(prices)},
            "tax_codes": {"UNTAXED": "UNTAXED"},
        },
    }


def _customer(subject: str) -> dict[str, object]:
    customer = _customer_id(subject)
    subjects = {} if customer == subject else {"subjects": [subject]}
    return {"id": customer, "name": subject, "country": "US", **subjects}


def _contract(subject: str, currency: str, valid_from: date) -> dict[str, object]:
    customer = _customer_id(subject)
    return {
        "id": f"c-{customer}",
        "customer": customer,
        "legal_entity": SELLER,
        "currency": currency,
        "valid_from": valid_from.isoformat(),
        "subscriptions": [{"id": f"s-{customer}", "plan": PLAN}],
    }


def _charge(price: MeteredPrice, currency: str) -> dict[str, object]:
    return {
        "id": price.meter,
        "product": price.meter,
        "meter": price.meter,
        "description": price.meter,
        "prices": [{"currency": currency, "per_unit": format(price.unit_price, "f")}],
    }


def _customer_id(subject: str) -> str:
    """Return the subject where it can be an id, else a name made from its hash (an IPv6 address may start with ::)."""
    if CATALOG_ID.fullmatch(subject):
        return subject
    return "subject-" + hashlib.sha256(subject.encode()).hexdigest()[:16]
