"""Sum up a bill run; one that failed becomes an exception."""

from dataclasses import dataclass
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import TenantId
from shared.ports.exceptions import ExceptionReporter

MOST_BATCHES_TOLD = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRunReport:
    """What a bill run started. `failure` is the error that ended it early, empty when none did.

    `batches_given_up` are those of which nothing is known to be started, each with its error; the others went on.
    """

    bill_run_id: str
    waiting_for: tuple[str, ...]
    started: int
    restarted: int
    running: int
    parked: int
    failed: int
    batches_given_up: tuple[str, ...]
    failure: str


def summarize_bill_run(
    report: BillRunReport, *, execution: str, tenant: TenantId, now: datetime, exceptions: ExceptionReporter
) -> BillRunReport:
    """Return the report, reported as FAILED_EXECUTION if the bill run or a batch of it failed. `now` is UTC."""
    failure = report.failure or "; ".join(report.batches_given_up[:MOST_BATCHES_TOLD])
    if failure:
        record = ExceptionRecord(
            exception_id=exception_id(ExceptionCode.FAILED_EXECUTION, execution),
            tenant=tenant,
            code=ExceptionCode.FAILED_EXECUTION,
            subject=execution,
            message=f"bill run {report.bill_run_id} failed with {failure}; the next one takes on what is left",
            raised_at=now,
            detail={"bill_run": report.bill_run_id, "error": failure},
        )
        exceptions.report([record])
    return report
