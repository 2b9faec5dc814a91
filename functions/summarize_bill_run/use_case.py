"""Sum up a bill run; one that failed becomes an exception."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import TenantId
from shared.ports.exceptions import ExceptionReporter


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRunReport:
    """What a bill run came to. `failure` is the error that ended it early, empty when none did."""

    bill_run_id: str
    waiting_for: tuple[str, ...]
    started: int
    restarted: int
    running: int
    failure: str


def summarize_bill_run(
    report: BillRunReport, *, execution: str, tenant: TenantId, now: datetime, exceptions: ExceptionReporter
) -> BillRunReport:
    """Return the report, reported as FAILED_EXECUTION if the bill run failed. `now` is UTC."""
    if report.failure:
        record = ExceptionRecord(
            exception_id=exception_id(ExceptionCode.FAILED_EXECUTION, execution),
            tenant=tenant,
            code=ExceptionCode.FAILED_EXECUTION,
            subject=execution,
            message=f"bill run {report.bill_run_id} failed with {report.failure}; the next one takes on what is left",
            raised_at=now,
            detail={"bill_run": report.bill_run_id, "error": report.failure},
        )
        exceptions.report([record])
    return report
