"""Usage at a charge's own grain: the states of all its windows merged, then read once, as its price needs it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from shared.domain.identifiers import MeterCode
from shared.domain.master_data.catalog import Charge
from shared.domain.metering.aggregate import (
    LatestState,
    LevelsState,
    TransactionsState,
    WindowKey,
    WindowUsage,
    merge,
    quantity_of,
)
from shared.domain.metering.carried import CarriedLevel, closing_levels
from shared.domain.metering.levels import Level, average_level, level_changes
from shared.domain.metering.meter import Aggregation
from shared.domain.metering.transactions import in_sequence
from shared.domain.money import exact_sum
from shared.domain.rating.charge_models import ChargeModel, GraduatedProrated, Percentage, StairstepByUnit
from shared.domain.rating.usage import ChargedUsage, LevelChanges, Transactions, UnitQuantities
from shared.domain.time_period import Period
from shared.domain.usage.event import Dimensions


def by_meter(windows: Iterable[WindowUsage]) -> Mapping[MeterCode, Sequence[WindowUsage]]:
    """Return the windows of each meter, in their order."""
    usage: dict[MeterCode, list[WindowUsage]] = {}
    for one in windows:
        usage.setdefault(one.key.meter, []).append(one)
    return usage


def is_charged_by(key: WindowKey, charge: Charge, service_period: Period) -> bool:
    """Whether a charge of a subscription that was active in the service period takes the window's usage."""
    return key.meter == charge.meter and key.window_start in service_period and _matches(key.dimensions, charge.match)


def takes_all(windows: Sequence[WindowUsage], charge: Charge, service_period: Period) -> bool:
    """Whether a charge takes all of these windows of its meter, told without a look at each one's dimensions."""
    if charge.match:
        return False
    starts = [one.key.window_start for one in windows]
    return min(starts) in service_period and max(starts) in service_period


def charged_quantity(
    windows: Iterable[WindowUsage],
    charge: Charge,
    service_period: Period,
    *,
    billing_period: Period,
    opening: Iterable[CarriedLevel] = (),
) -> Decimal | None:
    """Return what the charge bills for the service period, in the meter's unit; None without any usage.

    `windows` are those of the customer in the billing period, `opening` are the levels that it opens with. States are
    merged before they become a number: a user seen in two windows is one unique user, not two. Levels are those of each
    group of dimensions, and are added.
    """
    taken, carried = usage_taken(windows, opening, charge)
    return usage_quantity(taken, service_period, billing_period=billing_period, opening=carried)


def charged_usage(
    windows: Iterable[WindowUsage],
    charge: Charge,
    model: ChargeModel,
    service_period: Period,
    *,
    billing_period: Period,
    opening: Iterable[CarriedLevel] = (),
) -> ChargedUsage:
    """Return the same usage in the form that a charge model rates; without any it is none of it."""
    taken, carried = usage_taken(windows, opening, charge)
    match model:
        case GraduatedProrated():
            assert billing_period.end is not None, "a billing period ends"
            over = billing_period.end - billing_period.start
            return LevelChanges(level_changes(_groups(taken, carried).values(), service_period, over=over))
        case StairstepByUnit(dimension=name):
            return UnitQuantities(
                tuple(
                    (unit, quantity)
                    for unit in sorted({dict(of).get(name, "") for of in _dimensions(taken, carried)})
                    if (quantity := _of_unit((name, unit), taken, carried, service_period, billing_period)) is not None
                )
            )
        case Percentage():
            charged = (one.state for one in taken if one.key.window_start in service_period)
            return Transactions(
                in_sequence(each for state in charged if isinstance(state, TransactionsState) for each in state.each)
            )
        case _:
            quantity = usage_quantity(taken, service_period, billing_period=billing_period, opening=carried)
            return Decimal(0) if quantity is None else quantity


def usage_quantity(
    taken: Sequence[WindowUsage],
    service_period: Period,
    *,
    billing_period: Period,
    opening: Sequence[CarriedLevel],
) -> Decimal | None:
    """Return the same of windows and levels that are all of one meter and of the dimensions that the charge takes."""
    if _kinds(taken) == {LevelsState} or (not taken and _of(opening, Aggregation.WEIGHTED_SUM)):
        return _weighted(taken, _of(opening, Aggregation.WEIGHTED_SUM), service_period, billing_period)
    charged = [one for one in taken if one.key.window_start in service_period]
    kinds = _kinds(charged)
    if kinds == {LatestState} or (not charged and _of(opening, Aggregation.LATEST)):
        # A level counts once a billing period, and not again for a subscription that starts within it.
        from_the_start = service_period.start == billing_period.start
        return _latest(charged, _of(opening, Aggregation.LATEST) if from_the_start else [])
    if kinds == {TransactionsState}:
        return exact_sum(quantity_of(one.state) for one in charged)  # none is in two windows
    return quantity_of(merge(*[one.state for one in charged])) if charged else None


def _kinds(windows: Sequence[WindowUsage]) -> set[type]:
    return {type(one.state) for one in windows}


def _of(carried: Iterable[CarriedLevel], aggregation: Aggregation) -> list[CarriedLevel]:
    return [one for one in carried if one.aggregation is aggregation]


def _weighted(
    windows: Iterable[WindowUsage], carried: Iterable[CarriedLevel], service_period: Period, billing_period: Period
) -> Decimal:
    assert billing_period.end is not None, "a billing period ends"
    over = billing_period.end - billing_period.start
    return average_level(_groups(windows, carried).values(), service_period, over=over)


def _groups(windows: Iterable[WindowUsage], carried: Iterable[CarriedLevel]) -> Mapping[Dimensions, Sequence[Level]]:
    groups: defaultdict[Dimensions, list[Level]] = defaultdict(list)
    for one in carried:
        groups[one.dimensions].append(one.level)
    for window in windows:
        if isinstance(window.state, LevelsState):
            groups[window.key.dimensions].extend(window.state.levels)
    return groups


def _latest(windows: Sequence[WindowUsage], carried: Sequence[CarriedLevel]) -> Decimal | None:
    if not windows and not carried:
        return None
    return exact_sum(one.level.value for one in closing_levels(carried, windows))


def _dimensions(taken: Iterable[WindowUsage], carried: Iterable[CarriedLevel]) -> Iterable[Dimensions]:
    return [*(one.key.dimensions for one in taken), *(one.dimensions for one in carried)]


def _of_unit(
    unit: tuple[str, str],
    taken: Iterable[WindowUsage],
    carried: Iterable[CarriedLevel],
    service_period: Period,
    billing_period: Period,
) -> Decimal | None:
    name, value = unit
    return usage_quantity(
        [one for one in taken if dict(one.key.dimensions).get(name, "") == value],
        service_period,
        billing_period=billing_period,
        opening=[one for one in carried if dict(one.dimensions).get(name, "") == value],
    )


def usage_taken(
    windows: Iterable[WindowUsage], opening: Iterable[CarriedLevel], charge: Charge
) -> tuple[list[WindowUsage], list[CarriedLevel]]:
    """Return the windows and levels that are of the charge's meter and of the dimensions that it takes."""
    meter, match = charge.meter, charge.match
    return (
        [one for one in windows if one.key.meter == meter and _matches(one.key.dimensions, match)],
        [one for one in opening if one.meter == meter and _matches(one.dimensions, match)],
    )


def _matches(dimensions: Dimensions, match: Dimensions) -> bool:
    if not match:
        return True
    values = dict(dimensions)
    return all(values.get(name) == value for name, value in match)
