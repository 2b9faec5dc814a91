"""SQS master-data-changes in, a published version of master data out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.sync_master_data.use_case import sync_master_data
from shared.adapters.dynamodb.amendments import DynamoAmendments
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.master_data_versions import DynamoMasterDataVersions
from shared.adapters.dynamodb.usage_contracts import DynamoUsageContracts
from shared.adapters.s3.catalog_store import S3CatalogStore
from shared.adapters.sqs.parked_usage_releases import QueuedParkedUsageReleases
from shared.adapters.tax.tax_ids import StandardTaxIds
from shared.contracts.master_data import MasterDataChanged
from shared.domain.identifiers import CatalogVersion, TenantId
from shared.runtime import aws
from shared.runtime.batch_response import BatchResponse
from shared.runtime.environment import Environment
from shared.runtime.logging import logger
from shared.runtime.queue_batches import process_queue_batch

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
store = S3CatalogStore(aws.s3(), environment.text("CATALOG_BUCKET"), tenant, StandardTaxIds())
versions = DynamoMasterDataVersions(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
published = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
contracts = DynamoUsageContracts(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
amendments = DynamoAmendments(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
releases = QueuedParkedUsageReleases(aws.sqs(), environment.text("PARKED_USAGE_RELEASES_QUEUE_URL"), tenant)


def sync(body: str) -> None:
    changed = MasterDataChanged.model_validate_json(body)
    outcome = sync_master_data(
        version=CatalogVersion(changed.version),
        key=changed.key,
        store=store,
        versions=versions,
        published=published,
        contracts=contracts,
        releases=releases,
        amendments=amendments,
    )
    logger.info("master data synchronized", extra={"version": changed.version, "outcome": type(outcome).__name__})


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> BatchResponse:
    return process_queue_batch(event, sync)
