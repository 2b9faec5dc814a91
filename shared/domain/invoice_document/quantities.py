"""A line's quantity and price in the terms of EN 16931, where an amount is quantity x price / base quantity.

A line whose charge has one unit price says that price, with all its digits. Any other line (tiers, adjustments) has no
unit price that would give its amount; it says its amount as the price of its whole quantity, as in "12,300 units at
56.78 per 12,300 units". That is exact, and it keeps the quantity. A negative amount is a negative quantity, since
prices are never negative. Where quantity and amount differ in sign, or there is no quantity, the line is one unit.
"""

from decimal import Decimal
from types import MappingProxyType

from shared.domain.invoice_document.document import InvoicedQuantity
from shared.domain.invoicing.invoice import InvoiceLine

ONE = "C62"
# UN/ECE Recommendation 20. What it has no code for is counted in ones: requests, users, seats.
_UNIT_CODES = MappingProxyType(
    {
        "second": "SEC",
        "minute": "MIN",
        "hour": "HUR",
        "day": "DAY",
        "month": "MON",
        "byte": "AD",
        "kb": "2P",
        "mb": "4L",
        "gb": "E34",
        "tb": "E35",
        "kwh": "KWH",
    }
)


def unit_code(unit: str) -> str:
    """Return the code of a meter's unit, given in words."""
    word = unit.strip().lower()
    return _UNIT_CODES.get(word) or _UNIT_CODES.get(word.removesuffix("s"), ONE)


def invoiced_quantity(line: InvoiceLine, unit: str) -> InvoicedQuantity:
    """Return how an electronic invoice says the line's quantity and price; `unit` is its meter's."""
    amount = line.amount.amount
    if not line.quantity or (amount and (amount < 0) != (line.quantity < 0)):
        return one_unit(amount)
    unit_price = _unit_price(line)
    return InvoicedQuantity(
        quantity=line.quantity,
        unit_code=unit_code(unit),
        price=amount.copy_abs() if unit_price is None else unit_price,
        base_quantity=line.quantity.copy_abs() if unit_price is None else Decimal(1),
    )


def one_unit(amount: Decimal) -> InvoicedQuantity:
    """Return how an amount without a quantity is said: as one unit of that price, or minus one."""
    return InvoicedQuantity(
        quantity=Decimal(-1 if amount < 0 else 1), unit_code=ONE, price=amount.copy_abs(), base_quantity=Decimal(1)
    )


def _unit_price(line: InvoiceLine) -> Decimal | None:
    """Return the price that the whole quantity was rated at; None when there is no such price."""
    if line.adjusts is not None or len(line.parts) != 1:
        return None
    (part,) = line.parts
    return part.unit_price if part.quantity == line.quantity and not part.flat_amount else None
