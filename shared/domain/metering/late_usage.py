"""Usage that an issued invoice could not see any more, as exceptions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import CustomerId, MeterCode, TenantId
from shared.domain.metering.aggregate import WindowUsage, merge_windows, quantity_of
from shared.domain.metering.usage_place import LateSlot
from shared.domain.time_period import format_instant

SlotName: TypeAlias = tuple[datetime, int, int, int]  # slice start, layout version, group, number


@dataclass(frozen=True, slots=True)
class UnbilledUsage:
    """One window of one late slot that an issued invoice of its period has not read."""

    late: LateSlot
    usage: WindowUsage


def late_after_issue(unbilled: Iterable[UnbilledUsage], *, tenant: TenantId) -> list[ExceptionRecord]:
    """Describe unbilled usage, one exception per customer, meter and slot of a late log.

    A slot never changes: a later look changes nothing, also after a person settled it, and usage that comes after it is
    in a slot, and an exception, of its own.
    """
    together: dict[tuple[CustomerId, MeterCode, SlotName], list[UnbilledUsage]] = {}
    for one in unbilled:
        slot = (one.late.bucket.slice_start, one.late.bucket.version, one.late.bucket.group, one.late.number)
        together.setdefault((one.usage.key.customer_id, one.usage.key.meter, slot), []).append(one)
    return [_exception(*key, members, tenant) for key, members in together.items()]


def _exception(
    customer_id: CustomerId, meter: MeterCode, slot: SlotName, unbilled: list[UnbilledUsage], tenant: TenantId
) -> ExceptionRecord:
    slice_start, version, group, number = slot
    subject = f"{customer_id}/{meter}/{format_instant(slice_start)}/{version}.{group}.{number}"
    windows = merge_windows(one.usage for one in unbilled)
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.LATE_AFTER_ISSUE, subject),
        tenant=tenant,
        code=ExceptionCode.LATE_AFTER_ISSUE,
        subject=subject,
        message="usage was counted after the invoice of its period had been rated",
        raised_at=unbilled[0].late.slot.arrived_at,
        detail={
            "customer": customer_id,
            "meter": meter,
            "slice": format_instant(slice_start),
            "events": str(sum(usage.events for usage in windows)),
            "quantities": ", ".join(f"{quantity_of(usage.state):f}" for usage in windows[:10]),
            "slot": f"{version}/{group}/{number}",
        },
    )
