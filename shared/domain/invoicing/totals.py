"""The sums of an invoice: always made from its lines and taxes, never carried along."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.invoicing.invoice import InvoiceLine, InvoiceTax
from shared.domain.money import Currency, Money, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    net: Money
    tax: Money
    gross: Money


def totals(lines: Sequence[InvoiceLine], taxes: Sequence[InvoiceTax], of: Currency) -> Totals:
    """Sum what was rounded line by line and rate by rate; nothing is rounded here."""
    net = total((line.amount for line in lines), of)
    tax = total((one.amount for one in taxes), of)
    return Totals(net=net, tax=tax, gross=net + tax)
