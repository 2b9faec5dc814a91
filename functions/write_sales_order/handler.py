"""Task of amend_subscription: a request in, its state out once the ERP holds what is agreed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.write_sales_order.use_case import SalesOrderWriter
from shared.adapters.dynamodb.amendments import DynamoAmendments
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.erp.order_routing import MappedSalesOrderRouting
from shared.adapters.erp.tenant_site import tenant_site
from shared.contracts.amendment import read_step, state_reply
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
clock = PlatformClock()
table = environment.text("MASTER_DATA_TABLE")
master_data = DynamoMasterData(aws.dynamodb(), table, tenant)
key_id = environment.text("ERP_SIGNING_KEY_ID")
site = tenant_site(tenant, clock, aws, postings_table=environment.text("POSTINGS_TABLE"), signing_key_id=key_id)
writer = SalesOrderWriter(
    requests=DynamoAmendments(aws.dynamodb(), table, tenant),
    master_data=master_data,
    orders=MappedSalesOrderRouting(site),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    asked = read_step(event, tenant=tenant).request
    with site.in_turn():
        request = writer.write(asked.to_domain())
    logger.info("sales order written", extra={"request_id": asked.request_id, "state": request.state.value})
    return state_reply(request.state)
