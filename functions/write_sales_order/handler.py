"""Task of amend_subscription: a request in, its state out once the ERP holds what is agreed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.write_sales_order.use_case import SalesOrderWriter
from shared.adapters.dynamodb.amendments import DynamoAmendments
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.erp.kms_assertion import KmsSigner
from shared.adapters.erp.order_routing import MappedSalesOrderRouting
from shared.adapters.erp.site import ErpSite
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import http_transport
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
credentials = ConnectionSecrets(aws.secretsmanager(), clock)
signer = KmsSigner(aws.kms(), environment.text("ERP_SIGNING_KEY_ID"))
writer = SalesOrderWriter(
    requests=DynamoAmendments(aws.dynamodb(), table, tenant),
    master_data=master_data,
    orders=MappedSalesOrderRouting(ErpSite(credentials, signer, http_transport(), clock)),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    asked = read_step(event, tenant=tenant).request
    request = writer.write(asked.to_domain())
    logger.info("sales order written", extra={"request_id": asked.request_id, "state": request.state.value})
    return state_reply(request.state)
