"""Scheduler in, files to ERPs out; with the name of a file, that file once more."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.deliver_erp_files.use_case import FileDeliverer
from shared.adapters.dynamodb.erp_files import DynamoErpFiles
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.s3.erp_file_drop import S3FileDrop
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.adapters.transfer.sftp_connectors import SftpConnectors, read_connectors
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
bucket = environment.text("ERP_FILES_BUCKET")
connectors = read_connectors(environment.text("ERP_FILE_CONNECTORS"))
deliverer = FileDeliverer(
    tenant=tenant,
    files=DynamoErpFiles(aws.dynamodb(), environment.text("ERP_FILES_TABLE"), tenant),
    drop=S3FileDrop(aws.s3(), bucket, tenant),
    transfers=SftpConnectors(aws.transfer(), bucket, tenant, connectors),
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    reporter=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    clock=PlatformClock(),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    delivered = deliverer.deliver_again(event["again"]) if "again" in event else deliverer.deliver()
    logger.info("files delivered", extra=asdict(delivered))
    return asdict(delivered)
