"""Which parked usage a version of master data may resolve: told from its group alone, before any event is read.

It never leaves out what can go on. Whether an event of these times really does, enrich() says.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import MeterCode, PlanId
from shared.domain.master_data.catalog import Plan
from shared.domain.master_data.customer import ALWAYS
from shared.domain.master_data.subjects import SubjectAccounts
from shared.domain.metering.meter import Meter
from shared.domain.time_period import Period
from shared.domain.usage.parked import ParkedGroup


def resolvable_times(
    group: ParkedGroup, subject: SubjectAccounts | None, *, meters: Iterable[Meter], plans: Mapping[PlanId, Plan]
) -> tuple[Period, ...]:
    """Return the times, apart and in order, whose events of the group may go on, or now wait for another reason.

    `subject` is whom the group's subject stands for, `plans` holds the plans of all contracts of its payers.
    """
    measuring = [meter for meter in meters if group.meter in (meter.code, meter.event)]
    if any(meter.filter is not None for meter in measuring):
        return (ALWAYS,)  # a filter may leave out what it took before, whoever is billed and whenever
    match group.code:
        case ExceptionCode.UNKNOWN_CUSTOMER:
            return _joined(holder.valid for holder in subject.holders) if subject else ()
        case ExceptionCode.UNKNOWN_METER:
            return (ALWAYS,) if measuring else ()
        case ExceptionCode.NO_ACTIVE_SUBSCRIPTION:
            charged = _charged({meter.code for meter in measuring}, subject, plans) if subject else ()
            return _joined(charged)
        case _:
            return (ALWAYS,)  # what the event itself says decides


def _charged(
    meters: AbstractSet[MeterCode], subject: SubjectAccounts, plans: Mapping[PlanId, Plan]
) -> Iterator[Period]:
    """Yield when the subject has a payer with a charge for one of the meters."""
    for holder in subject.holders:
        for contract in subject.payers[holder.billed_to].contracts:
            for subscription in contract.subscriptions:
                if any(charge.meter in meters for charge in plans[subscription.plan_id].charges):
                    agreed = contract.active.intersection(subscription.active)
                    both = agreed.intersection(holder.valid) if agreed else None
                    if both is not None:
                        yield both


def _joined(periods: Iterable[Period]) -> tuple[Period, ...]:
    joined: list[Period] = []
    for period in sorted(periods, key=lambda period: period.start):
        last = joined[-1] if joined else None
        if last is None or (last.end is not None and last.end < period.start):
            joined.append(period)
        elif last.end is not None:
            joined[-1] = Period(last.start, None if period.end is None else max(last.end, period.end))
    return tuple(joined)
