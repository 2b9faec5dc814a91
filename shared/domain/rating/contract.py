"""Rate what one contract owes for one billing period: its fees, and usage on the whole period's quantity.

The price in force on the first day of a charge's service period, in the customer's calendar, rates all of it. A price
change belongs on a period edge; one inside a period takes effect with the next period, and the rating says so.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from shared.domain.identifiers import MeterCode, PlanId
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.catalog import Contract, CustomerAccount, Plan, Price
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
from shared.domain.rating.position import Position, fees_ahead, positions
from shared.domain.rating.priced_dimensions import combination, combinations_of
from shared.domain.rating.quantities import (
    by_meter,
    charged_quantity,
    charged_usage,
    is_charged_by,
    takes_all,
    usage_taken,
)
from shared.domain.rating.rate import amount_of, rate
from shared.domain.rating.rated_charge import RatedCharge, RatedPart
from shared.domain.rating.settlement import adjust_charge, credits_of
from shared.domain.rating.usage import ChargedUsage, is_nothing, quantity_of_usage
from shared.domain.subscriptions.fee_terms import Billed
from shared.domain.subscriptions.proration import Proration, share_of
from shared.domain.time_period import Period


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

    @property
    def is_sound(self) -> bool:
        return not any(issue.severity is Severity.CRITICAL for issue in self.issues)


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
    own = tuple(positions(contract, plans, billing_period, zone))
    usage = by_meter(windows)
    for position in (*own, *fees_ahead(contract, plans, ahead, zone)):
        meter = position.charge.meter
        rated = _fee(position) if meter is None else _usage(position, usage.get(meter, ()), opening)
        issues.extend(rated.issues)
        is_own = position.charge.fee.billed is Billed.IN_ADVANCE and position.of.billing_period == billing_period
        (in_advance if is_own else charges).extend(rated.charges)
        if position.charge.adjustments and (rated.charges or meter is not None) and rated.is_sound:
            adjustments.extend(_adjusted(position, rated.charges))
    others = [one for one in account.contracts if one is not contract]
    everywhere = (*own, *(position for one in others for position in positions(one, plans, billing_period, zone)))
    issues.extend(_uncharged(everywhere, usage))
    return RatedContract(tuple(charges), tuple(issues), tuple(adjustments), tuple(in_advance))


def _fee(position: Position) -> _Rated:
    fee = Fee(
        subscription=position.of.subscription,
        charge=position.charge,
        billing_period=position.of.billing_period,
        service_period=position.of.service_period,
        zone=position.of.zone,
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


def _usage(position: Position, windows: Sequence[WindowUsage], opening: Sequence[CarriedLevel]) -> _Rated:
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


def _at_one_price(position: Position, windows: Sequence[WindowUsage], opening: Sequence[CarriedLevel]) -> _Rated:
    of, charge, price = position.of, position.charge, position.price
    span, whole = of.service_period, of.billing_period
    if price is None:
        quantity = charged_quantity(windows, charge, span, billing_period=whole, opening=opening)
        return _Rated() if quantity is None else _Rated(issues=(_price_missing(position),))
    usage = charged_usage(windows, charge, price.model, span, billing_period=whole, opening=opening)
    if position.priced_by and is_nothing(usage):
        return _Rated()
    try:
        by_time = tuple(_by_time(position, price, windows, opening)) if of.contract.adjustments else ()
        rated = _rated(position, usage, price, by_time=by_time)
    except QuantityBeyondTiersError as beyond:
        return _Rated(issues=(_not_priced(position, str(beyond)),))
    is_due = rated.quantity or rated.precise_amount
    return _Rated((rated,), _price_change(position, price)) if is_due else _Rated()


def _rated(
    position: Position, usage: ChargedUsage, price: Price, *, by_time: tuple[tuple[Period, Decimal], ...]
) -> RatedCharge:
    charge, discount = position.charge, position.usage_discount
    return RatedCharge(
        subscription_id=position.of.subscription.subscription_id,
        charge_id=charge.charge_id,
        product_id=charge.product_id,
        description=charge.description,
        meter=charge.meter,
        quantity=quantity_of_usage(usage),
        price=f"{price}, {discount}" if discount else str(price),
        parts=tuple(_parts(discount, usage, price)) if discount else rate(usage=usage, model=price.model),
        by_time=by_time,
        service_period=position.of.service_period,
        priced_by=position.priced_by,
    )


def _parts(discount: UsageDiscount, usage: ChargedUsage, price: Price) -> Iterator[RatedPart]:
    free = _free(discount, usage)
    if free:
        yield RatedPart.of(str(discount), quantity=free)
    yield from rate(usage=_beyond(usage, free), model=price.model)


def _free(discount: UsageDiscount | None, usage: ChargedUsage) -> Decimal:
    return free_units(discount, usage) if discount and isinstance(usage, Decimal) else Decimal(0)


def _beyond(usage: ChargedUsage, free: Decimal) -> ChargedUsage:
    return EXACT.subtract(usage, free) if isinstance(usage, Decimal) else usage


def _by_time(
    position: Position, price: Price, windows: Sequence[WindowUsage], opening: Sequence[CarriedLevel]
) -> Iterator[tuple[Period, Decimal]]:
    """Yield what usage comes to in each part of the service period, where credits begin or expire within it.

    Usage fills tiers in the order in which it happened: each part is what rating all usage up to its end adds.
    """
    at = cuts(credits_of(position.of.contract), position.of.service_period)
    before = Decimal(0)
    for part in cut(position.of.service_period, at) if at else ():
        so_far = Period(position.of.service_period.start, part.end)
        usage = charged_usage(
            windows, position.charge, price.model, so_far, billing_period=position.of.billing_period, opening=opening
        )
        amount = amount_of(usage=_beyond(usage, _free(position.usage_discount, usage)), model=price.model)
        yield part, EXACT.subtract(amount, before)
        before = amount


def _adjusted(position: Position, rated: Sequence[RatedCharge]) -> tuple[RatedAdjustment, ...]:
    charge, currency = position.charge, position.of.contract.currency
    scope = Scope(
        target=position.path,
        subscription_id=position.of.subscription.subscription_id,
        charge_id=charge.charge_id,
        description=charge.description,
        service_period=position.of.service_period,
        share=share_of(position.of.service_period, position.of.billing_period, Proration.DAYS, position.of.zone),
        currency=currency,
    )
    by_name = {one.name: [line for line in rated if line.name == one.name] for one in rated}
    dues = [_due(lines, position.of.service_period, currency) for lines in by_name.values()]
    return adjust_charge(charge, dues, scope, effective_instant(position.of.service_period.start, position.of.zone))


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


def _price_missing(position: Position) -> Issue:
    currency = position.of.contract.currency
    return _not_priced(position, f"no {currency} price is in force at the start of {position.of.service_period}")


def _not_priced(position: Position, message: str) -> Issue:
    return Issue(severity=Severity.CRITICAL, code=RatingIssueCode.PRICE_MISSING, message=message, path=position.path)


def _not_prorated(position: Position, why: str) -> tuple[Issue, ...]:
    code = RatingIssueCode.FEE_NOT_PRORATED
    return (Issue(severity=Severity.WARNING, code=code, message=why, path=position.path),) if why else ()


def _price_change(position: Position, price: Price) -> tuple[Issue, ...]:
    if not position.changes_from(price):
        return ()
    message = f"the price changes within {position.of.service_period}; all of it is rated at the price of its start"
    code = RatingIssueCode.PRICE_CHANGES_WITHIN_PERIOD
    return (Issue(severity=Severity.WARNING, code=code, message=message, path=position.path),)


def _uncharged(everywhere: Sequence[Position], usage: Mapping[MeterCode, Sequence[WindowUsage]]) -> Iterator[Issue]:
    charges: defaultdict[MeterCode | None, list[Position]] = defaultdict(list)
    for position in everywhere:
        charges[position.charge.meter].append(position)
    uncharged = {
        (meter, window.key.dimensions)
        for meter, windows in usage.items()
        if not any(takes_all(windows, one.charge, one.of.service_period) for one in charges[meter])
        for window in windows
        if not any(is_charged_by(window.key, one.charge, one.of.service_period) for one in charges[meter])
    }
    for meter, dimensions in sorted(uncharged):
        of_what = ", ".join(f"{name}={value}" for name, value in dimensions)
        message = f"usage of {meter} ({of_what or 'no dimensions'}) has no charge in any subscription of its time"
        yield Issue(severity=Severity.CRITICAL, code=RatingIssueCode.PRICE_MISSING, message=message, path=meter)
