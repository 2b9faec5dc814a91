"""Last task of bill_run: its state in, the report out and in the log."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.summarize_bill_run.use_case import BillRunReport, summarize_bill_run
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.contracts.bill_run import SummarizeStep
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
exceptions = QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant)
clock = PlatformClock()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    step = SummarizeStep.model_validate(event)
    report = BillRunReport(
        bill_run_id=step.run.name,
        waiting_for=step.run.waiting_for,
        started=sum(batch.started for batch in step.run.invoices),
        restarted=sum(batch.restarted for batch in step.run.invoices),
        running=sum(batch.running for batch in step.run.invoices),
        parked=sum(batch.parked for batch in step.run.invoices),
        failed=sum(batch.failed for batch in step.run.invoices),
        batches_given_up=tuple(f"batch {one.batch}: {one.error}" for one in step.run.invoices if one.error),
        failure=step.run.failure.Error if step.run.failure else "",
    )
    summarize_bill_run(report, execution=step.execution, tenant=tenant, now=clock.now(), exceptions=exceptions)
    facts = asdict(report)
    logger.info("bill run summed up", extra=facts)
    return facts
