"""What the headers of all documents have alike: texts, approval, the rate of exchange."""

from decimal import Decimal
from typing import Any, Final

from simulators.erp.company import CompanySetup
from simulators.erp.netsuite import payload
from simulators.erp.netsuite.dialect import invalid_content

APPROVED: Final = "2"
APPROVALS: Final = {"1": "Pending Approval", APPROVED: "Approved"}
OWN_RATE: Final = Decimal("1.5")  # of the account's table, for whoever sends none
TEXT_WIDTHS: Final = {"tranId": 45, "memo": 999, "otherRefNum": 45}


def read_texts(fields: dict[str, Any]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, width in TEXT_WIDTHS.items():
        value = fields.get(name, "")
        if not isinstance(value, str) or len(value) > width:
            raise invalid_content(f"{name} must be a text of at most {width} characters.", path=name)
        texts[name] = value
    return texts


def exchange_rate(fields: dict[str, Any], setup: CompanySetup, *, currency: str) -> Decimal:
    """Return what 1 of the currency is worth in the subsidiary's: as sent, or by the account's own table."""
    if currency == setup.local_currency:
        return Decimal(1)
    rate = payload.number(fields, "exchangeRate", path="exchangeRate")
    if rate is not None and rate <= 0:
        raise invalid_content("exchangeRate must be above zero.", path="exchangeRate")
    return OWN_RATE if rate is None else rate
