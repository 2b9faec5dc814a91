"""A schedule's tick, or a person's question, in; what of each mapping its ERP does not know out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.check_erp_mappings.use_case import AnotherTenantError, MappingChecker
from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.mapping_findings import DynamoMappingFindings
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.tenant_site import tenant_site
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.contracts.mapping_check import MappingCheckEvent, answer, refused
from shared.domain.identifiers import TenantId
from shared.domain.posting.mapping_check import MappingCheck
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant, clock = TenantId(environment.text("TENANT")), PlatformClock()
master_data = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
key_id = environment.text("ERP_SIGNING_KEY_ID")
site = tenant_site(tenant, clock, aws, postings_table=environment.text("POSTINGS_TABLE"), signing_key_id=key_id)
checker = MappingChecker(
    tenant=tenant,
    erps=MappedErpRouting(master_data, site),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    known=DynamoExceptionStore(aws.dynamodb(), environment.text("EXCEPTIONS_TABLE"), tenant),
    findings=DynamoMappingFindings(aws.dynamodb(), environment.text("POSTINGS_TABLE"), tenant),
    clock=clock,
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    asked = MappingCheckEvent.model_validate(event)
    site.sign_in_anew()  # whether it is let in is the question: a token of an earlier check answers it with the past
    try:
        with site.in_turn():
            checks = _checks(asked)
    except AnotherTenantError as refusal:
        return refused(refusal)
    logger.info("mappings checked", extra={"not_well": [c.entity.legal_entity_id for c in checks if not c.is_well]})
    return answer(checks)


def _checks(asked: MappingCheckEvent) -> tuple[MappingCheck, ...]:
    if asked.proposed is not None:
        return checker.ask_of_proposed(asked.proposed.tenant, asked.proposed.to_domain())
    master_data.version()
    entities = master_data.legal_entities()
    return checker.ask(entities) if asked.is_question else checker.check(entities)
