"""A contract is billed by periods that all it charges and limits can be told by."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from shared.domain.entitlement.entitlement import MeterEntitlement
from shared.domain.identifiers import CustomerId
from shared.domain.issue import Issue
from shared.domain.master_data.catalog import Plan
from shared.domain.master_data.faults import CatalogFaultCode, fault
from shared.domain.master_data.validation.index import Agreement, CatalogIndex
from shared.domain.metering.meter import LEVELS
from shared.domain.subscriptions.anniversary import CALENDAR_MONTHS


def unusable_billing(index: CatalogIndex) -> Iterator[Issue]:
    of_customer: defaultdict[CustomerId, list[Agreement]] = defaultdict(list)
    for agreement in index.agreements:
        of_customer[agreement.contract.customer_id].append(agreement)
        if agreement.contract.billing != CALENDAR_MONTHS:
            yield from _levels(agreement, index)
    for agreements in of_customer.values():
        for one, other in combinations(agreements, 2):
            yield from _limits_of_two_calendars(one, other)


def _levels(agreement: Agreement, index: CatalogIndex) -> Iterator[Issue]:
    """Levels carry over from month to month of the customer, and what they are amid one is not known."""
    measured = dict.fromkeys(charge.meter for charge in agreement.plan.record.charges if charge.meter is not None)
    for code in measured:
        meter = index.meters.get(code)
        if meter is not None and meter.aggregation in LEVELS:
            message = (
                f"plan {agreement.plan.record.plan_id} charges {code} by {meter.aggregation.value}, "
                "and such levels are billed by calendar months only: leave billing out"
            )
            yield fault(CatalogFaultCode.BILLING_DOES_NOT_FIT, agreement.path, message)


def _limits_of_two_calendars(one: Agreement, other: Agreement) -> Iterator[Issue]:
    if one.contract.contract_id == other.contract.contract_id or not one.active.overlaps(other.active):
        return
    zone = one.customer.time_zone
    if one.contract.billing_calendar(zone).has_boundaries_of(other.contract.billing_calendar(zone)):
        return
    for meter in sorted(_limited(one.plan.record) & _limited(other.plan.record)):
        message = (
            f"{meter} is limited here and by contract {one.contract.contract_id}, and the limits of contracts "
            "that are billed by different periods do not add up"
        )
        yield fault(CatalogFaultCode.BILLING_DOES_NOT_FIT, other.path, message)


def _limited(plan: Plan) -> set[str]:
    return {one.meter for one in plan.entitlements if isinstance(one, MeterEntitlement) and one.limit is not None}
