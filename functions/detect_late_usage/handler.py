"""Scheduler in, exceptions about late usage out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.detect_late_usage.use_case import LateUsageDetector
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.dynamodb.rated_manifests import InvoicedManifests
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import BucketLayout
from shared.domain.time_period import parse_instant
from shared.runtime import aws
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
detector = LateUsageDetector(
    tenant=tenant,
    layout=BucketLayout.parse(environment.text("BUCKET_LAYOUT")),
    logs=DynamoMeteringLedger(aws.dynamodb(), environment.text("METERING_LEDGER_TABLE"), tenant),
    manifests=InvoicedManifests(
        invoices=DynamoInvoices(
            aws.dynamodb(),
            environment.text("INVOICES_TABLE"),
            tenant,
            postings_table=environment.text("POSTINGS_TABLE"),
        ),
        master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    ),
    reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    return {"exceptions": detector.detect(parse_instant(event["time"]))}
