"""summarize_bill_run: a report, and an exception when the bill run failed."""

from functions.summarize_bill_run.use_case import BillRunReport, summarize_bill_run
from tests.builders.billing import FIRST_RUN, SECOND_OF_NOVEMBER, TENANT
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter


def summarized(failure: str, *batches: str) -> InMemoryExceptionReporter:
    exceptions = InMemoryExceptionReporter()
    report = BillRunReport(
        bill_run_id=FIRST_RUN,
        waiting_for=(),
        started=250,
        restarted=1,
        running=0,
        parked=0,
        failed=0,
        batches_given_up=batches,
        failure=failure,
    )
    summarize_bill_run(report, execution="daily", tenant=TENANT, now=SECOND_OF_NOVEMBER, exceptions=exceptions)
    return exceptions


def test_a_bill_run_that_went_well_raises_nothing() -> None:
    assert summarized("").reported == []


def test_a_bill_run_that_failed_is_an_exception() -> None:
    (record,) = summarized("States.Timeout").reported

    assert record.exception_id == "FAILED_EXECUTION:daily"
    assert "States.Timeout" in record.message


def test_a_batch_that_was_given_up_is_an_exception_though_the_others_went_on() -> None:
    (record,) = summarized("", "batch 5f2b: States.Timeout").reported

    assert "batch 5f2b: States.Timeout" in record.message
