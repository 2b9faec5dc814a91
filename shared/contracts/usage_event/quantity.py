"""A quantity on the wire: a JSON number or a decimal string, exact, bounded before it becomes a Decimal."""

import re
from decimal import Decimal

from shared.contracts.usage_event.faults import ContractError, shown
from shared.contracts.usage_event.json_values import NumberText, is_text
from shared.domain.exception_record import ExceptionCode
from shared.domain.money import EXACT

MAX_CHARACTERS = 64
MAX_DECIMALS = 18
LIMIT = Decimal(10) ** 15
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")


def read_quantity(value: object, name: str) -> Decimal:
    """Return the quantity, 0 <= quantity < 1e15 with at most 18 decimals; raise ContractError INVALID_QUANTITY."""
    if type(value) is not NumberText and not is_text(value):
        raise ContractError(ExceptionCode.INVALID_QUANTITY, f"{name} is neither a number nor a decimal string")
    if len(value) > MAX_CHARACTERS or not _DECIMAL.fullmatch(value):
        raise ContractError(ExceptionCode.INVALID_QUANTITY, f"{name} is not a plain decimal: {shown(str(value))}")
    # 64 characters fit the context, so normalising only drops trailing zeros.
    quantity = EXACT.normalize(Decimal(value))
    if quantity < 0:
        raise ContractError(ExceptionCode.INVALID_QUANTITY, f"{name} is negative")
    if quantity >= LIMIT:
        raise ContractError(ExceptionCode.INVALID_QUANTITY, f"{name} is 1e15 or more")
    exponent = quantity.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MAX_DECIMALS:
        raise ContractError(ExceptionCode.INVALID_QUANTITY, f"{name} has more than {MAX_DECIMALS} decimals")
    return quantity or Decimal(0)
