"""Usage that no invoice will see any more, as exceptions."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import CustomerId, MeterCode, TenantId
from shared.domain.metering.aggregate import WindowUsage, merge_windows, quantity_of
from shared.domain.metering.reading import SlotsRead
from shared.domain.metering.usage_place import LateSlot
from shared.domain.time_period import format_instant


@dataclass(frozen=True, slots=True)
class UnbilledUsage:
    """One window of one late slot that no invoice has read, and of whose contract none will read it."""

    late: LateSlot
    usage: WindowUsage


def late_after_issue(unbilled: Iterable[UnbilledUsage], *, tenant: TenantId) -> list[ExceptionRecord]:
    """Describe unbilled usage, one exception per customer, meter and slot of a late log.

    A slot never changes: a later look changes nothing, also after a person settled it, and usage that comes after it is
    in a slot, and an exception, of its own.
    """
    together: dict[tuple[CustomerId, MeterCode, SlotsRead], list[UnbilledUsage]] = {}
    for one in unbilled:
        together.setdefault((one.usage.key.customer_id, one.usage.key.meter, one.late.place), []).append(one)
    return [_exception(*key, members, tenant) for key, members in together.items()]


def late_slot_name(customer_id: CustomerId, meter: MeterCode, slot: SlotsRead) -> str:
    """Name what one customer used of a meter in a slot of a late log, as exceptions do."""
    place = f"{format_instant(slot.slice_start)}/{slot.layout_version}.{slot.group}.{slot.last_slot}"
    return f"{customer_id}/{meter}/{place}"


def _exception(
    customer_id: CustomerId, meter: MeterCode, slot: SlotsRead, unbilled: list[UnbilledUsage], tenant: TenantId
) -> ExceptionRecord:
    subject = late_slot_name(customer_id, meter, slot)
    windows = merge_windows(one.usage for one in unbilled)
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.LATE_AFTER_ISSUE, subject),
        tenant=tenant,
        code=ExceptionCode.LATE_AFTER_ISSUE,
        subject=subject,
        message="usage was counted after the last invoice that could take it had been rated",
        raised_at=unbilled[0].late.slot.arrived_at,
        detail={
            "customer": customer_id,
            "meter": meter,
            "slice": format_instant(slot.slice_start),
            "events": str(sum(usage.events for usage in windows)),
            "quantities": ", ".join(f"{quantity_of(usage.state):f}" for usage in windows[:10]),
            "slot": f"{slot.layout_version}/{slot.group}/{slot.last_slot}",
        },
    )
