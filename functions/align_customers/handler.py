"""A legal entity in; how some of its customers stand in its ERP out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.align_customers.use_case import CustomersNotAskedError, CustomersNotReadError, align_customers
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.tenant_site import tenant_site
from shared.contracts.customer_alignment import AlignCustomersEvent, answer, not_read, refused
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant, clock = TenantId(environment.text("TENANT")), PlatformClock()
master_data = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
key_id = environment.text("ERP_SIGNING_KEY_ID")
site = tenant_site(tenant, clock, aws, postings_table=environment.text("POSTINGS_TABLE"), signing_key_id=key_id)
erps = MappedErpRouting(master_data, site)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    asked = AlignCustomersEvent.model_validate(event)
    master_data.version()
    try:
        with site.in_turn():
            page = align_customers(asked.legal_entity, asked.after, master_data=master_data, erps=erps)
    except CustomersNotAskedError as refusal:
        return refused(refusal)
    except CustomersNotReadError as failure:
        logger.warning("customers could not be read", extra={"reason": str(failure)})
        return not_read(failure)
    logger.info("customers held against the ERP", extra={"customers": len(page.alignments)})
    return answer(page.alignments, page.next_after)
