"""Where a document's tax is not what an ERP works out from its lines: a credit note may take a remainder."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from shared.domain.money import EXACT, Money, exact_sum


def tax_difference(lines: Iterable[tuple[str, Decimal, Money]], tax: Money, tax_codes: Mapping[str, str]) -> Money:
    """Return what the tax is beyond that of the lines (our tax code, rate, net amount), worked out as the ERP does.

    It is rounded once for each of the ERP's codes, by which `tax_codes` names ours: two of one rate are two roundings,
    and two of ours that are one there are one.
    """
    bases: defaultdict[tuple[str, Decimal], list[Decimal]] = defaultdict(list)
    for code, rate, amount in lines:
        bases[tax_codes.get(code, code), rate].append(amount.amount)
    worked_out = Money.zero(tax.currency)
    for (_, rate), amounts in bases.items():
        worked_out += Money(EXACT.multiply(exact_sum(amounts), rate), tax.currency).rounded()
    return tax - worked_out
