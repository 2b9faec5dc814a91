"""Rate what a subscription owes without any usage: recurring fees, whole or in parts, seats, and fees due once.

A fee is due for the time in which its subscription is active, past its trial and not paused. That time falls into
segments of one quantity each; every segment is a line of its own, with its own service period and its share of the
billing period. A price is that of the first day in the billing period, whatever changes within it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from shared.domain.master_data.catalog import Charge, Price
from shared.domain.money import EXACT
from shared.domain.rating.charge_models.words import plain
from shared.domain.rating.rate import rate
from shared.domain.rating.rated_charge import RatedCharge, RatedPart
from shared.domain.subscriptions.fee_terms import Billed
from shared.domain.subscriptions.proration import Proration, Share, share_of
from shared.domain.subscriptions.subscription import Subscription
from shared.domain.time_period import Period

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class FeeSegment:
    """A time in which one quantity of a fee is due without a break."""

    period: Period
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class RatedFee:
    """What is due of one fee. `not_prorated` says what is not, for want of a proration."""

    charges: tuple[RatedCharge, ...] = ()
    not_prorated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """One fee of one subscription in one billing period. `service_period` is where contract and subscription run."""

    subscription: Subscription
    charge: Charge
    billing_period: Period
    service_period: Period
    zone: ZoneInfo

    @property
    def segments(self) -> tuple[FeeSegment, ...]:
        """Return when it recurs, oldest first; what is not of seats is one, however many there are."""
        return fee_segments(self.subscription, self.service_period, seats=self.charge.fee.seats)

    @property
    def is_due(self) -> bool:
        """Whether anything of it is due, and a price is needed."""
        return self.due_at is not None if self.charge.fee.once else bool(self.segments)

    @property
    def due_at(self) -> datetime | None:
        """Return when a fee that is due once falls due, if that is in this billing period.

        A subscription that an amendment began owes none, unless its trial goes on: changing the plan sets nothing up.
        """
        subscription = self.subscription
        started, trial_until = subscription.active.start, subscription.trial_until
        first = max(started, trial_until or started)
        is_first = subscription.came_of is None or (trial_until is not None and trial_until >= started)
        is_owed = is_first and first in subscription.active
        return first if is_owed and first in self.service_period else None


def rate_fee(fee: Fee, price: Price) -> RatedFee:
    """Return what is due of a fee, by the price of the first day of its service period."""
    if fee.charge.fee.once:
        return RatedFee(tuple(_once(fee, price)))
    segments = fee.segments
    if fee.charge.fee.proration is not Proration.NONE:
        return RatedFee(tuple(_segments(fee, price, segments)))
    if not segments:
        return RatedFee()
    if not _covers(segments, fee.billing_period):
        message = f"due only for {_periods(segments)}: fees are billed for whole periods, so this one is not"
        return RatedFee(not_prorated=message)
    quantity, others = segments[0].quantity, segments[1:]
    since = "" if fee.charge.fee.billed is Billed.IN_ARREARS else _named(fee.billing_period.start, fee.zone)
    whole = _rated(fee, price, FeeSegment(fee.billing_period, quantity), since=since)
    if not others:
        return RatedFee((whole,))
    message = f"the quantity changes within {fee.billing_period}; all of it is charged for {plain(quantity)}"
    return RatedFee((whole,), not_prorated=message)


def fee_segments(subscription: Subscription, service_period: Period, *, seats: bool) -> tuple[FeeSegment, ...]:
    """Cut a service period where what is due changes; leave out trial and pauses."""
    if not (subscription.quantities or subscription.pauses or subscription.trial_until):
        return (FeeSegment(service_period, _ONE),)
    segments: list[FeeSegment] = []
    for start, end in pairwise(_edges(subscription, service_period)):
        if not subscription.owes_fees_at(start):
            continue
        quantity = subscription.quantity_at(start) if seats else _ONE
        if segments and segments[-1].quantity == quantity and segments[-1].period.end == start:
            start = segments.pop().period.start  # noqa: PLW2901 - nothing changed here: it goes on
        segments.append(FeeSegment(Period(start, end), quantity))
    return tuple(segments)


def _edges(subscription: Subscription, service_period: Period) -> list[datetime]:
    assert service_period.end is not None, "a part of a billing period ends"
    changes = {one.valid.start for one in subscription.quantities}
    changes |= {edge for pause in subscription.pauses for edge in (pause.start, pause.end) if edge}
    if subscription.trial_until is not None:
        changes.add(subscription.trial_until)
    inside = {one for one in changes if service_period.start < one < service_period.end}
    return [service_period.start, *sorted(inside), service_period.end]


def _covers(segments: Sequence[FeeSegment], whole: Period) -> bool:
    is_unbroken = all(one.period.end == following.period.start for one, following in pairwise(segments))
    return is_unbroken and (segments[0].period.start, segments[-1].period.end) == (whole.start, whole.end)


def _periods(segments: Sequence[FeeSegment]) -> str:
    return ", ".join(str(one.period) for one in segments)


def _segments(fee: Fee, price: Price, segments: Sequence[FeeSegment]) -> Iterator[RatedCharge]:
    is_first = True
    for segment in segments:
        share = share_of(segment.period, fee.billing_period, fee.charge.fee.proration, fee.zone)
        if share is not None and not share.part:
            continue  # it starts and ends on one day, which belongs to what comes after it
        is_alone = is_first and fee.charge.fee.billed is Billed.IN_ARREARS
        since = "" if is_alone else _named(segment.period.start, fee.zone)
        rated = _rated(fee, price, segment, share=share, since=since)
        if rated.quantity or rated.precise_amount:
            yield rated
            is_first = False


def _once(fee: Fee, price: Price) -> Iterator[RatedCharge]:
    if fee.due_at is not None:
        quantity = fee.subscription.quantity_at(fee.due_at) if fee.charge.fee.seats else _ONE
        yield _rated(fee, price, FeeSegment(Period(fee.due_at, fee.service_period.end), quantity))


def _rated(fee: Fee, price: Price, segment: FeeSegment, *, share: Share | None = None, since: str = "") -> RatedCharge:
    parts = rate(usage=segment.quantity, model=price.model)
    return RatedCharge(
        subscription_id=fee.subscription.subscription_id,
        charge_id=fee.charge.charge_id,
        product_id=fee.charge.product_id,
        description=fee.charge.description,
        meter=None,
        quantity=segment.quantity,
        price=str(price),
        parts=tuple(_shared(parts, share)) if share else parts,
        service_period=segment.period,
        since=since,
    )


def _shared(parts: Sequence[RatedPart], share: Share) -> Iterator[RatedPart]:
    """Yield each part's share. Running totals are shared, so that the parts sum to the share of the whole amount."""
    whole = before = Decimal(0)
    for part in parts:
        whole = EXACT.add(whole, part.amount)
        until = share.of(whole)
        label = f"{part.label}: {plain(part.amount)} for {share}"
        yield RatedPart.of(label, quantity=Decimal(0), flat_amount=EXACT.subtract(until, before), takes=part.units)
        before = until


def _named(start: datetime, zone: ZoneInfo) -> str:
    local = start.astimezone(zone)
    return f"{local:%Y-%m-%d}" if (local.hour, local.minute) == (0, 0) else f"{local:%Y-%m-%dT%H%M}"
