"""Where a document's tax is not what an ERP works out from its lines: a credit note may take a remainder."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from shared.domain.money import EXACT, Money, exact_sum


def tax_difference(lines: Iterable[tuple[Decimal, Money]], tax: Money) -> Money:
    """Return what the tax is beyond that of the lines (rate, net amount), worked out and rounded once for each rate."""
    bases: defaultdict[Decimal, list[Decimal]] = defaultdict(list)
    for rate, amount in lines:
        bases[rate].append(amount.amount)
    worked_out = Money.zero(tax.currency)
    for rate, amounts in bases.items():
        worked_out += Money(EXACT.multiply(exact_sum(amounts), rate), tax.currency).rounded()
    return tax - worked_out
