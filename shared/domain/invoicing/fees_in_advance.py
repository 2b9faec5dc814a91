"""Fees billed in advance: each invoice bills those of the next billing period, and sets right those of its own.

What a fee comes to is known when its billing period is over: by then a plan may have changed, seats come and gone, a
subscription ended. Per subscription, charge and first day it is rounded as a line is, less what the invoice before has
billed of it. What is not used any more is so a credit with a service period of its own, the time that is left.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from shared.domain.identifiers import ChargeId, SubscriptionId
from shared.domain.invoicing.invoice import Invoice, InvoiceLine
from shared.domain.money import EXACT, Currency, Money
from shared.domain.rating.rated_charge import RatedCharge, RatedPart
from shared.domain.time_period import Period

_Identity: TypeAlias = tuple[SubscriptionId | None, ChargeId | None, datetime]


def fees_due(
    final: Sequence[RatedCharge], before: Invoice | None, billing_period: Period, currency: Currency
) -> tuple[RatedCharge, ...]:
    """Return what is due of fees in advance beyond what is billed; it may be less than nothing.

    `final` are all of them in a billing period, `before` is the invoice of the billing period before it, with what
    corrections have left of its lines.
    """
    billed = {_identity(line): line for line in fees_billed(before, billing_period)}
    due = [_beyond(charge, billed.pop(_identity(charge), None), currency) for charge in final]
    gone = (_credit(line) for line in billed.values() if line.amount.amount)
    return (*(one for one in due if one is not None), *gone)


def ahead_of(
    later: Invoice, ahead: Sequence[RatedCharge], billing_period: Period, currency: Currency
) -> tuple[RatedCharge, ...]:
    """Return what is due of the fees `ahead` beyond what their own billing period's invoice has set right of them.

    That one exists where the one before it is billed anew.
    """
    charges = {(charge.subscription_id, charge.charge_id) for charge in ahead}
    lines = tuple(line for line in later.lines if (line.subscription_id, line.charge_id) in charges)
    return fees_due(ahead, replace(later, lines=lines), billing_period, currency)


def changed_since_billed(
    final: Iterable[RatedCharge], invoices: Iterable[Invoice], billing_period: Period, currency: Currency
) -> Iterator[tuple[str, Money, Money]]:
    """Yield each fee of a billing period with what its invoices have billed of it, where that is not what it comes to.

    `final` are all fees of the billing period by today's catalogue, `invoices` those that may have billed them.
    """
    was: defaultdict[str, Money] = defaultdict(lambda: Money.zero(currency))
    now: defaultdict[str, Money] = defaultdict(lambda: Money.zero(currency))
    for charge in final:
        now[charge.name] += Money(charge.precise_amount, currency).rounded()
    for line in (line for invoice in invoices for line in fees_billed(invoice, billing_period)):
        was[line.name] += line.amount
    for name in sorted({*was, *now}):
        if was[name] != now[name]:
            yield name, was[name], now[name]


def fees_billed(before: Invoice | None, billing_period: Period) -> Iterator[InvoiceLine]:
    """Yield what an invoice has billed of the fees of a billing period; that of the one before, in advance."""
    for line in before.own_lines if before else ():
        is_fee = line.meter is None and line.applied is None and line.adjusts is None
        if is_fee and line.service_period.start in billing_period:
            yield line


def _identity(of: RatedCharge | InvoiceLine) -> _Identity:
    return of.subscription_id, of.charge_id, of.service_period.start


def _beyond(charge: RatedCharge, billed: InvoiceLine | None, currency: Currency) -> RatedCharge | None:
    if billed is None:
        return charge
    final = Money(charge.precise_amount, currency).rounded()
    if final == billed.amount and charge.service_period == billed.service_period:
        return None
    arithmetic = "; ".join(part.label for part in charge.parts)
    return replace(
        charge,
        # What was taxed and booked one way is not credited in another.
        product_id=billed.product_id,
        tax_category=billed.tax_category,
        description=charge.description or billed.description,
        quantity=EXACT.subtract(charge.quantity, billed.quantity),
        parts=_difference(f"{final} ({arithmetic})", charge.quantity, final, billed),
        service_period=_changed(charge.service_period, billed.service_period),
    )


def _credit(billed: InvoiceLine) -> RatedCharge:
    """Return the whole of a fee back that is not due at all."""
    assert billed.subscription_id is not None, "a fee has a subscription"
    assert billed.charge_id is not None, "a fee has a charge"
    return RatedCharge(
        subscription_id=billed.subscription_id,
        charge_id=billed.charge_id,
        product_id=billed.product_id,
        tax_category=billed.tax_category,
        description=billed.description,
        meter=None,
        quantity=EXACT.minus(billed.quantity),
        price=billed.price,
        parts=_difference("nothing", Decimal(0), Money.zero(billed.amount.currency), billed),
        service_period=billed.service_period,
        since=billed.line_id.rpartition("/")[2],
    )


def _difference(what: str, quantity: Decimal, final: Money, billed: InvoiceLine) -> tuple[RatedPart]:
    label = f"{what} less {billed.amount} billed in advance"
    amount, takes = (final - billed.amount).amount, EXACT.subtract(quantity, billed.quantity)
    return (RatedPart.of(label, quantity=Decimal(0), flat_amount=amount, takes=takes),)


def _changed(final: Period, billed: Period) -> Period:
    """Return the time that the difference is about: that by which one is longer, or all of it if none is."""
    assert final.end is not None, "a fee's service period ends"
    assert billed.end is not None, "a fee's service period ends"
    if final == billed:
        return final
    return Period(min(final.end, billed.end), max(final.end, billed.end))
