"""Where a document's tax is not what an ERP works out from its lines: a credit note may take a remainder."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias

from shared.domain.master_data.catalog import ErpMapping
from shared.domain.money import EXACT, Money, exact_sum, total
from shared.domain.posting.systems.erp_system import ErpSystem

TaxedLine: TypeAlias = tuple[str, Decimal, Money]  # our tax code, rate, net amount


def tax_difference(lines: Iterable[TaxedLine], tax: Money, tax_codes: Mapping[str, str]) -> Money:
    """Return what the tax is beyond that of the lines, worked out as the ERP does.

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


def why_not_taken(lines: Iterable[TaxedLine], tax: Money, mapping: ErpMapping, system: ErpSystem) -> str:
    """Say why the ERP would not take a document's tax by these settings; "" where it would."""
    ours, untaxed_code = system.mapping.tax_setting, system.mapping.untaxed_code_setting
    if ours and ours not in mapping.settings:
        difference, setting = tax - _of_each_line(lines, tax), ours
    elif untaxed_code and untaxed_code not in mapping.settings:
        difference, setting = tax_difference(lines, tax, mapping.tax_codes), untaxed_code
    else:
        return ""
    if not difference.amount:
        return ""
    return f"its tax is {difference} off what {system.name} works out, and takes only with the setting {setting}"


def _of_each_line(lines: Iterable[TaxedLine], tax: Money) -> Money:
    return total(((amount * rate).rounded() for _, rate, amount in lines), tax.currency)
