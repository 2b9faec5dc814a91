"""The small month with its American entity taxed by an outside engine."""

from pathlib import Path
from typing import Any

from tests.scenarios.small_month import SmallMonth

AUSTIN = {"lines": ["500 Congress Ave"], "city": "Austin", "region": "TX", "postal_code": "78701"}
ENGINES: dict[str, dict[str, Any]] = {
    "avatax": {"company": "NIMBUS"},
    "anrok": {},
}


def month_taxed_by(engine: str, folder: Path, **more: Any) -> SmallMonth:
    """Return the small month with its American entity taxed outside, at 8.25 % in the United States."""
    month = SmallMonth(folder, **more)
    _, entity = month.catalog["legal_entities"]
    entity |= {
        "details": {"address": AUSTIN},
        "tax": {
            "engine": engine,
            "connection": "nimbus-us/tax",
            "categories": {"standard": "SW052000"},
            **ENGINES[engine],
        },
    }
    entity["erp"]["tax_codes"] = {"US-EXEMPT": "7", engine.upper(): "12"}
    _, initech = month.catalog["customers"]
    initech["details"] = {"address": AUSTIN}
    month.catalog["tax_rates"].append({"code": "TX", "seller": "US", "buyers": ["US"], "rate": "0.0825"})
    return month
