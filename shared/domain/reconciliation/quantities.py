"""The quantity half of the cash tie-out: what was metered is rated, or there is a reason why not yet."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.metering.aggregate import AggregateState, CountState, SumState, WindowKey, merge, quantity_of
from shared.domain.money import EXACT, exact_sum
from shared.domain.reconciliation.billed_usage import BilledCharge, BilledUsage
from shared.domain.reconciliation.tie_out import Check, Explanation


def quantity_checks(
    *,
    windows: Mapping[WindowKey, AggregateState],
    billed: BilledUsage,
    units: Mapping[MeterCode, str],
    unread_reason: Mapping[BilledCharge, str],
    unbilled_reason: Mapping[WindowKey, str],
) -> tuple[Check, ...]:
    """Per meter: what the ledger holds is what issued lines price, but for usage with a reason to be on none.

    A reason for late usage that is on no line explains what the ledger comes to beyond what the invoices have read, and
    nothing more. Where a meter does not add up over windows (max, unique), charges are compared at their own grain.
    """
    metered: dict[MeterCode, list[Decimal]] = defaultdict(list)
    rated: dict[MeterCode, list[Decimal]] = defaultdict(list)
    reasons: dict[tuple[MeterCode, str], list[Decimal]] = defaultdict(list)
    for charge in billed.charges:
        rated[charge.meter].append(charge.rated)
        if charge in unread_reason:
            reasons[charge.meter, unread_reason[charge]].append(EXACT.subtract(charge.metered, charge.read))
        if not _adds_up(windows, charge.meter):
            metered[charge.meter].append(charge.metered)
    unbilled: dict[tuple[MeterCode, CustomerId, str], AggregateState] = {}
    for key, state in windows.items():
        if isinstance(state, SumState | CountState):
            metered[key.meter].append(quantity_of(state))
        if key not in billed.lines_of_window:
            group = (key.meter, key.customer_id, unbilled_reason.get(key, ""))
            unbilled[group] = merge(unbilled[group], state) if group in unbilled else state
    for (meter, _, reason), state in unbilled.items():
        if not isinstance(state, SumState | CountState):
            metered[meter].append(quantity_of(state))
        if reason:
            reasons[meter, reason].append(quantity_of(state))
    return tuple(
        Check(
            name=f"quantity of {meter}",
            left_name=f"metered {meter}",
            left=exact_sum(metered[meter]),
            right_name=f"rated {meter}",
            right=exact_sum(rated[meter]),
            unit=units.get(meter, ""),
            explanations=tuple(
                Explanation(reason, amount)
                for (of, reason), amounts in sorted(reasons.items())
                if of == meter and (amount := exact_sum(amounts))
            ),
        )
        for meter in sorted({*metered, *rated})
    )


def _adds_up(windows: Mapping[WindowKey, AggregateState], meter: MeterCode) -> bool:
    state = next((state for key, state in windows.items() if key.meter == meter), SumState(Decimal(0)))
    return isinstance(state, SumState | CountState)
