"""Usage that an issued invoice could not see any more, as exceptions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import CustomerId, MeterCode, TenantId
from shared.domain.metering.aggregate import WindowUsage, merge_windows, quantity_of
from shared.domain.metering.usage_place import LateSlot
from shared.domain.time_period import format_instant


@dataclass(frozen=True, slots=True)
class UnbilledUsage:
    """One window of one late slot that an issued invoice of its period has not read."""

    late: LateSlot
    usage: WindowUsage


def late_after_issue(unbilled: Iterable[UnbilledUsage], *, tenant: TenantId) -> list[ExceptionRecord]:
    """Describe unbilled usage, one exception per customer, meter and slice, as old as its newest slot.

    So a later look at the same slots changes nothing, also after a person resolved it; one more slot opens it again.
    """
    together: dict[tuple[CustomerId, MeterCode, datetime], list[UnbilledUsage]] = {}
    for one in unbilled:
        key = one.usage.key
        together.setdefault((key.customer_id, key.meter, one.late.bucket.slice_start), []).append(one)
    return [_exception(*key, members, tenant) for key, members in together.items()]


def _exception(
    customer_id: CustomerId, meter: MeterCode, slice_start: datetime, unbilled: list[UnbilledUsage], tenant: TenantId
) -> ExceptionRecord:
    subject = f"{customer_id}/{meter}/{format_instant(slice_start)}"
    windows = merge_windows(one.usage for one in unbilled)
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.LATE_AFTER_ISSUE, subject),
        tenant=tenant,
        code=ExceptionCode.LATE_AFTER_ISSUE,
        subject=subject,
        message="usage was counted after the invoice of its period had been rated",
        raised_at=max(one.late.slot.arrived_at for one in unbilled),
        detail={
            "customer": customer_id,
            "meter": meter,
            "slice": format_instant(slice_start),
            "events": str(sum(usage.events for usage in windows)),
            "quantities": ", ".join(f"{quantity_of(usage.state):f}" for usage in windows[:10]),
            "slots": ", ".join(sorted({f"{one.late.bucket.group}/{one.late.number}" for one in unbilled})[:10]),
        },
    )
