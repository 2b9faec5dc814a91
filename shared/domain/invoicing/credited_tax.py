"""The tax of a credit note at one rate, so that it is right by itself and right in sum."""

from decimal import Decimal
from typing import TypeAlias

from shared.domain.invoicing.credit_note import CreditedLine
from shared.domain.invoicing.invoice import InvoiceLine, InvoiceTax
from shared.domain.money import Money
from shared.domain.vat_category import VatCategory

Rate: TypeAlias = tuple[str, Decimal | None, VatCategory | None]


def rate_of(taxed: InvoiceLine | CreditedLine | InvoiceTax) -> Rate:
    if isinstance(taxed, InvoiceTax):
        return taxed.code, taxed.rate, taxed.vat_category
    return taxed.tax_code, taxed.tax_rate, taxed.vat_category


def within(amount: Money, left: Money) -> bool:
    """Whether an amount is between nothing and what is left, which may be negative."""
    return min(left.amount, Decimal(0)) <= amount.amount <= max(left.amount, Decimal(0))


def tax_of_base(tax: InvoiceTax, base: Money, *, base_before: Money, tax_before: Money) -> Money:
    """Return the tax on a base that is credited of an invoice's, after what was credited of it before.

    It is the base's own, rounded, unless all credited so far would then be more than a minor unit off its tax; and
    with the last of the base it is all the tax that is left.
    """
    left = tax.amount - tax_before
    if base_before + base == tax.base:
        return left
    unit = Money(base.currency.minor_unit, base.currency)
    in_all = ((base_before + base) * tax.rate).rounded() - tax_before
    own = (base * tax.rate).rounded()
    return _between(_between(own, in_all - unit, in_all + unit), Money.zero(base.currency), left)


def _between(amount: Money, one: Money, other: Money) -> Money:
    lowest, highest = sorted([one.amount, other.amount])
    return Money(min(max(amount.amount, lowest), highest), amount.currency)
