"""The rate of a line that several jurisdictions tax, each on its part of it."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from shared.domain.money import EXACT, exact_sum

MOST_DECIMALS = Decimal("1e-10")


def rate_of_line(amount: Decimal, taxes: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """Return the rate on the whole line, given (rate, taxable amount) of each tax on it, in one unit with `amount`."""
    pairs = list(taxes)
    if not amount:
        return exact_sum(rate for rate, _ in pairs)
    due = exact_sum(EXACT.multiply(rate, taxable) for rate, taxable in pairs)
    rate = EXACT.divide(due, amount)
    exponent = rate.normalize(EXACT).as_tuple().exponent
    is_short = isinstance(exponent, int) and exponent >= -10  # noqa: PLR2004 - the decimals of MOST_DECIMALS
    return rate.normalize(EXACT) if is_short else rate.quantize(MOST_DECIMALS, ROUND_HALF_UP, EXACT)
