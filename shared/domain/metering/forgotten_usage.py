"""What is said of usage that comes when the ledger no longer knows whether it has counted it."""

from collections.abc import Sequence
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import TenantId
from shared.domain.metering.tally import UsageRow


def forgotten_exceptions(
    rows: Sequence[UsageRow], *, tenant: TenantId, raised_at: datetime
) -> Sequence[ExceptionRecord]:
    """Describe, by delivery, usage that comes after the ids of its slice are forgotten. `raised_at` is UTC."""
    return [
        ExceptionRecord(
            exception_id=exception_id(ExceptionCode.EVENT_TOO_OLD, row["delivery"]),
            tenant=tenant,
            code=ExceptionCode.EVENT_TOO_OLD,
            subject=row["delivery"],
            message=f"the ledger has forgotten which events of {row['occurred_at']} it has counted",
            raised_at=raised_at,
            detail={"source": row["source"], "event_id": row["id"], "customer": row["customer"]},
        )
        for row in rows
    ]
