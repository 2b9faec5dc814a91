"""What a document comes to in the currency of its legal entity's books."""

from dataclasses import dataclass

from shared.domain.currency_exchange.exchange_rate import ExchangeRate
from shared.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """Net and tax are each converted and rounded once, at one rate; gross is their sum, as it is in the document."""

    rate: ExchangeRate
    net: Money
    tax: Money
    gross: Money


def converted(net: Money, tax: Money, rate: ExchangeRate) -> Converted:
    """Return what a document's net and tax come to at a rate."""
    return _sum_of(rate.converted(net), rate.converted(tax), rate)


def converted_after(net: Money, tax: Money, rate: ExchangeRate, *, net_before: Money, tax_before: Money) -> Converted:
    """Return what a credit comes to after earlier ones of the same document, at the document's rate.

    It is what all of them come to less what the earlier ones did: credits that end complete come to exactly what the
    document came to.
    """
    with_it = converted(net_before + net, tax_before + tax, rate)
    without = converted(net_before, tax_before, rate)
    return _sum_of(with_it.net - without.net, with_it.tax - without.tax, rate)


def _sum_of(net: Money, tax: Money, rate: ExchangeRate) -> Converted:
    return Converted(rate=rate, net=net, tax=tax, gross=net + tax)
