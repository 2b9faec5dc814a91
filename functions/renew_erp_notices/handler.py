"""A schedule's tick in; subscriptions to the notices of ERPs renewed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.renew_erp_notices.use_case import NoticeRenewal
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.tenant_site import tenant_site
from shared.domain.identifiers import TenantId
from shared.domain.posting.notices import NOTICE_TOKEN
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
master_data = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
table, key_id = environment.text("POSTINGS_TABLE"), environment.text("ERP_SIGNING_KEY_ID")
site = tenant_site(tenant, PlatformClock(), aws, postings_table=table, signing_key_id=key_id)
renewal = NoticeRenewal(
    master_data=master_data,
    erps=MappedErpRouting(master_data, site),
    token_of=lambda connection: site.credentials.read(connection, NOTICE_TOKEN)[NOTICE_TOKEN],
    address=environment.text("ERP_NOTICES_URL"),
)


@logger.inject_lambda_context
def handler(_event: dict[str, Any], _context: LambdaContext) -> None:
    renewed = renewal.renew()
    logger.info("notices renewed", extra={"of": sorted(renewed.of), "left_alone": sorted(renewed.left_alone)})
