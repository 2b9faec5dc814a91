"""Rate what one contract owes for one billing period: its fees, and usage on the whole period's quantity.

The price in force on the first day of a charge's service period, in the customer's calendar, rates all of it. A price
change belongs on a period edge; one inside a period takes effect with the next period, and the rating says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.domain.identifiers import PlanId
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.catalog import Charge, Contract, CustomerAccount, Plan, Price, Subscription
from shared.domain.master_data.effective_day import effective_instant
from shared.domain.metering.aggregate import WindowUsage
from shared.domain.metering.carried import CarriedLevel
from shared.domain.money import EXACT, Currency, Money, total
from shared.domain.rating.adjustments import UsageDiscount
from shared.domain.rating.adjustments.credits import cut, cuts
from shared.domain.rating.adjustments.lines import Due, RatedAdjustment, Scope
from shared.domain.rating.adjustments.usage_discount import free_units
from shared.domain.rating.charge_models import QuantityBeyondTiersError
from shared.domain.rating.fees import Fee, rate_fee
from shared.domain.rating.price_in_force import price_in_force
from shared.domain.rating.priced_dimensions import combination, combinations_of, line_name
from shared.domain.rating.quantities import charged_quantity, charged_usage, is_charged_by, usage_taken
from shared.domain.rating.rate import amount_of, rate
from shared.domain.rating.rated_charge import RatedCharge, RatedPart
from shared.domain.rating.settlement import adjust_charge, credits_of
from shared.domain.rating.usage import ChargedUsage, is_nothing, quantity_of_usage
from shared.domain.subscriptions.fee_terms import Billed
from shared.domain.subscriptions.proration import Proration, share_of
from shared.domain.time_period import Period
from shared.domain.usage.event import Dimensions


class RatingIssueCode(StrEnum):
    PRICE_MISSING = "PRICE_MISSING"
    FEE_NOT_PRORATED = "FEE_NOT_PRORATED"
    FEE_CHANGED_SINCE_BILLED = "FEE_CHANGED_SINCE_BILLED"
    PRICE_CHANGES_WITHIN_PERIOD = "PRICE_CHANGES_WITHIN_PERIOD"
    EARLIER_PERIOD_NOT_BILLED = "EARLIER_PERIOD_NOT_BILLED"


@dataclass(frozen=True, slots=True)
class RatedContract:
    """Every charge that is due, and everything that kept a charge from being rated or is worth knowing.

    `adjustments` are those of the charges themselves; those of the contract follow once all its charges are known.
    `in_advance` is what the fees of the billing period come to that an earlier invoice has billed in advance.
    """

    charges: tuple[RatedCharge, ...]
    issues: tuple[Issue, ...]
    adjustments: tuple[RatedAdjustment, ...] = ()
    in_advance: tuple[RatedCharge, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rated:
    """What is due of one charge of one subscription, and what kept some of it from being rated."""

    charges: tuple[RatedCharge, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class _Position:
    """One charge of one subscription, with the part of the billing period in which the subscription was active."""

    contract: Contract
    subscription: Subscription
    charge: Charge
    billing_period: Period
    service_period: Period
    zone: ZoneInfo  # the customer's, whose calendar the dates of prices follow
    priced_by: Dimensions = ()

    @property
    def path(self) -> str:
        return line_name(self.subscription.subscription_id, self.charge.charge_id, self.priced_by)

    @property
    def usage_discount(self) -> UsageDiscount | None:
        first_day = effective_instant(self.service_period.start, self.zone)
        of_usage = (one for one in self.charge.adjustments if isinstance(one, UsageDiscount))
        return next((one for one in of_usage if first_day in one.valid), None)

    @property
    def price(self) -> Price | None:
        return self.price_on(self.service_period.start)

    def price_on(self, instant: datetime) -> Price | None:
        """Return the price in force on the local day of an instant: the contract's own, or that of the price book."""
        return price_in_force(
            self.contract, self.subscription, self.charge, instant, zone=self.zone, priced_by=self.priced_by
        )


def rate_contract(
    *,
    account: CustomerAccount,
    contract: Contract,
    plans: Mapping[PlanId, Plan],
    billing_period: Period,
    windows: Sequence[WindowUsage],
    opening: Sequence[CarriedLevel] = (),
    ahead: Period | None = None,
) -> RatedContract:
    """Rate one contract of an account. `windows` are all of the customer's in the billing period.

    `opening` are the customer's levels that the billing period opens with. `ahead` is the billing period after it,
    whose fees in advance are due with this one.
    `plans` holds the plan of every subscription of the account. Usage that no contract of the account has a charge
    for is an issue of each of them: nothing is left unbilled in silence.
    """
    charges: list[RatedCharge] = []
    in_advance: list[RatedCharge] = []
    adjustments: list[RatedAdjustment] = []
    issues: list[Issue] = []
    zone = account.customer.time_zone
    for position in (*_positions(contract, plans, billing_period, zone), *_ahead(contract, plans, ahead, zone)):
        rated = _fee(position) if position.charge.meter is None else _usage(position, windows, opening)
        issues.extend(rated.issues)
        is_own = position.charge.fee.billed is Billed.IN_ADVANCE and position.billing_period == billing_period
        (in_advance if is_own else charges).extend(rated.charges)
        is_sound = not any(issue.severity is Severity.CRITICAL for issue in rated.issues)
        if is_sound and (rated.charges or position.charge.meter is not None):
            adjustments.extend(_adjusted(position, rated.charges))
    everywhere = [
        position for other in account.contracts for position in _positions(other, plans, billing_period, zone)
    ]
    issues.extend(_uncharged(everywhere, windows))
    return RatedContract(tuple(charges), tuple(issues), tuple(adjustments), tuple(in_advance))


def _positions(
    contract: Contract, plans: Mapping[PlanId, Plan], billing_period: Period, zone: ZoneInfo
) -> Iterator[_Position]:
    in_contract = billing_period.intersection(contract.active)
    for subscription in contract.subscriptions:
        service_period = in_contract.intersection(subscription.active) if in_contract else None
        if service_period is not None:
            for charge in plans[subscription.plan_id].charges_in(contract.currency):
                yield _Position(contract, subscription, charge, billing_period, service_period, zone)


def _ahead(
    contract: Contract, plans: Mapping[PlanId, Plan], ahead: Period | None, zone: ZoneInfo
) -> Iterator[_Position]:
    """Yield the fees that are due before their billing period."""
    for position in _positions(contract, plans, ahead, zone) if ahead else ():
        if position.charge.meter is None and position.charge.fee.billed is Billed.IN_ADVANCE:
            yield position


def _fee(position: _Position) -> _Rated:
    fee = Fee(
        subscription=position.subscription,
        charge=position.charge,
        billing_period=position.billing_period,
        service_period=position.service_period,
        zone=position.zone,
    )
    if not fee.is_due:
        return _Rated()
    price = position.price
    if price is None:
        return _Rated(issues=(_price_missing(position),))
    try:
        rated = rate_fee(fee, price)
    except QuantityBeyondTiersError as beyond:
        return _Rated(issues=(_not_priced(position, str(beyond)),))
    changes = _price_change(position, price) if rated.charges else ()
    return _Rated(rated.charges, (*_not_prorated(position, rated.not_prorated), *changes))


def _usage(position: _Position, windows: Sequence[WindowUsage], opening: Sequence[CarriedLevel]) -> _Rated:
    """Rate all usage that a charge takes at one price, or each combination of values that it is priced by."""
    price_by = position.charge.price_by
    if not price_by:
        return _at_one_price(position, windows, opening)
    taken, carried = usage_taken(windows, opening, position.charge)
    rated = [
        _at_one_price(
            replace(position, priced_by=values),
            [one for one in taken if combination(one.key.dimensions, price_by) == values],
            [one for one in carried if combination(one.dimensions, price_by) == values],
        )
        for values in combinations_of(taken, carried, price_by)
    ]
    return _Rated(
        tuple(charge for one in rated for charge in one.charges), tuple(issue for one in rated for issue in one.issues)
    )


def _at_one_price(position: _Position, windows: Sequence[WindowUsage], opening: Sequence[CarriedLevel]) -> _Rated:
    periods, price = (position.service_period, position.billing_period), position.price
    if price is None:
        quantity = charged_quantity(windows, position.charge, periods[0], billing_period=periods[1], opening=opening)
        return _Rated() if quantity is None else _Rated(issues=(_price_missing(position),))
    usage = charged_usage(windows, position.charge, price.model, periods[0], billing_period=periods[1], opening=opening)
    if position.priced_by and is_nothing(usage):
        return _Rated()
    try:
        rated = _rated(position, usage, price, by_time=tuple(_by_time(position, price, windows, opening)))
    except QuantityBeyondTiersError as beyond:
        return _Rated(issues=(_not_priced(position, str(beyond)),))
    is_due = rated.quantity or rated.precise_amount
    return _Rated((rated,), tuple(_price_change(position, price))) if is_due else _Rated()


def _rated(
    position: _Position, usage: ChargedUsage, price: Price, *, by_time: tuple[tuple[Period, Decimal], ...]
) -> RatedCharge:
    charge, discount = position.charge, position.usage_discount
    return RatedCharge(
        subscription_id=position.subscription.subscription_id,
        charge_id=charge.charge_id,
        product_id=charge.product_id,
        description=charge.description,
        meter=charge.meter,
        quantity=quantity_of_usage(usage),
        price=f"{price}, {discount}" if discount else str(price),
        parts=tuple(_parts(discount, usage, price)),
        by_time=by_time,
        service_period=position.service_period,
        priced_by=position.priced_by,
    )


def _parts(discount: UsageDiscount | None, usage: ChargedUsage, price: Price) -> Iterator[RatedPart]:
    free = _free(discount, usage)
    if free:
        yield RatedPart.of(str(discount), quantity=free)
    yield from rate(usage=_beyond(usage, free), model=price.model)


def _free(discount: UsageDiscount | None, usage: ChargedUsage) -> Decimal:
    return free_units(discount, usage) if discount and isinstance(usage, Decimal) else Decimal(0)


def _beyond(usage: ChargedUsage, free: Decimal) -> ChargedUsage:
    return EXACT.subtract(usage, free) if isinstance(usage, Decimal) else usage


def _by_time(
    position: _Position, price: Price, windows: Sequence[WindowUsage], opening: Sequence[CarriedLevel]
) -> Iterator[tuple[Period, Decimal]]:
    """Yield what usage comes to in each part of the service period, where credits begin or expire within it.

    Usage fills tiers in the order in which it happened: each part is what rating all usage up to its end adds.
    """
    at = cuts(credits_of(position.contract), position.service_period)
    before = Decimal(0)
    for part in cut(position.service_period, at) if at else ():
        so_far = Period(position.service_period.start, part.end)
        usage = charged_usage(
            windows, position.charge, price.model, so_far, billing_period=position.billing_period, opening=opening
        )
        amount = amount_of(usage=_beyond(usage, _free(position.usage_discount, usage)), model=price.model)
        yield part, EXACT.subtract(amount, before)
        before = amount


def _adjusted(position: _Position, rated: Sequence[RatedCharge]) -> tuple[RatedAdjustment, ...]:
    if not position.charge.adjustments:
        return ()
    charge, currency = position.charge, position.contract.currency
    scope = Scope(
        target=position.path,
        subscription_id=position.subscription.subscription_id,
        charge_id=charge.charge_id,
        description=charge.description,
        service_period=position.service_period,
        share=share_of(position.service_period, position.billing_period, Proration.DAYS, position.zone),
        currency=currency,
    )
    by_name = {one.name: [line for line in rated if line.name == one.name] for one in rated}
    dues = [_due(lines, position.service_period, currency) for lines in by_name.values()]
    return adjust_charge(charge, dues, scope, effective_instant(position.service_period.start, position.zone))


def _due(lines: Sequence[RatedCharge], service_period: Period, currency: Currency) -> Due:
    """Return what all lines of one name come to, each rounded."""
    first = lines[0]
    return Due(
        name=first.name,
        subscription_id=first.subscription_id,
        charge_id=first.charge_id,
        product_id=first.product_id,
        description=first.description,
        service_period=service_period,
        amount=total((Money(one.precise_amount, currency).rounded() for one in lines), currency),
    )


def _price_missing(position: _Position) -> Issue:
    currency = position.contract.currency
    return _not_priced(position, f"no {currency} price is in force at the start of {position.service_period}")


def _not_priced(position: _Position, message: str) -> Issue:
    return Issue(severity=Severity.CRITICAL, code=RatingIssueCode.PRICE_MISSING, message=message, path=position.path)


def _not_prorated(position: _Position, why: str) -> Iterator[Issue]:
    if why:
        code = RatingIssueCode.FEE_NOT_PRORATED
        yield Issue(severity=Severity.WARNING, code=code, message=why, path=position.path)


def _price_change(position: _Position, price: Price) -> Iterator[Issue]:
    assert position.service_period.end is not None, "a billing period ends"
    last_instant = position.service_period.end - timedelta(microseconds=1)
    at_the_end = position.price_on(last_instant)
    if at_the_end is not None and at_the_end != price:
        message = f"the price changes within {position.service_period}; all of it is rated at the price of its start"
        code = RatingIssueCode.PRICE_CHANGES_WITHIN_PERIOD
        yield Issue(severity=Severity.WARNING, code=code, message=message, path=position.path)


def _uncharged(positions: Sequence[_Position], windows: Sequence[WindowUsage]) -> Iterator[Issue]:
    uncharged = {
        (window.key.meter, window.key.dimensions)
        for window in windows
        if not any(is_charged_by(window.key, position.charge, position.service_period) for position in positions)
    }
    for meter, dimensions in sorted(uncharged):
        of_what = ", ".join(f"{name}={value}" for name, value in dimensions)
        message = f"usage of {meter} ({of_what or 'no dimensions'}) has no charge in any subscription of its time"
        yield Issue(severity=Severity.CRITICAL, code=RatingIssueCode.PRICE_MISSING, message=message, path=meter)
