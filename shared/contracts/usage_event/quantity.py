"""Numbers on the wire, exact, bounded before they become a Decimal; a quantity may be a decimal string too."""

import re
from decimal import Decimal

from shared.contracts.usage_event.faults import ContractError, shown
from shared.contracts.usage_event.json_values import NumberText, is_text
from shared.domain.exception_record import ExceptionCode
from shared.domain.money import EXACT
from shared.domain.usage.contract_schema import MAX_NUMBER

MAX_CHARACTERS = 64
MAX_DECIMALS = 18
LIMIT = Decimal(10) ** 15
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")


def read_quantity(value: object, name: str) -> Decimal:
    """Return the quantity, 0 <= quantity < 1e15 with at most 18 decimals; raise ContractError INVALID_QUANTITY."""
    if type(value) is not NumberText and not is_text(value):
        raise ContractError(ExceptionCode.INVALID_QUANTITY, f"{name} is neither a number nor a decimal string")
    quantity = _exact(value, name, ExceptionCode.INVALID_QUANTITY)
    if quantity < 0:
        raise ContractError(ExceptionCode.INVALID_QUANTITY, f"{name} is negative")
    if quantity >= LIMIT:
        raise ContractError(ExceptionCode.INVALID_QUANTITY, f"{name} is 1e15 or more")
    return quantity or Decimal(0)


def read_number(value: NumberText, name: str) -> Decimal:
    """Return a number that is no quantity, below 1e20 either way with at most 18 decimals; raise ContractError."""
    number = _exact(value, name, ExceptionCode.CONTRACT_VIOLATION)
    if number.copy_abs() >= MAX_NUMBER:  # abs() would round
        raise ContractError(ExceptionCode.CONTRACT_VIOLATION, f"{name} is 1e20 or more")
    return number or Decimal(0)


def _exact(value: str, name: str, code: ExceptionCode) -> Decimal:
    if len(value) > MAX_CHARACTERS or not _DECIMAL.fullmatch(value):
        raise ContractError(code, f"{name} is not a plain decimal: {shown(str(value))}")
    # 64 characters fit the context, so normalising only drops trailing zeros.
    number = EXACT.normalize(Decimal(value))
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MAX_DECIMALS:
        raise ContractError(code, f"{name} has more than {MAX_DECIMALS} decimals")
    return number
