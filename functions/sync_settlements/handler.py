"""A schedule's tick, or notices of ERPs, in; what was settled there since the last time brought home."""

from collections.abc import Sequence
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.sync_settlements.use_case import SettlementSync
from shared.adapters.dynamodb.credit_notes import DynamoCreditNotes
from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.adapters.dynamodb.receivables import DynamoReceivables
from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.tenant_site import tenant_site
from shared.adapters.sqs.exception_reporter import QueuedExceptionReporter
from shared.contracts.erp_notice import noticed_entities
from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.time_period import format_instant, parse_instant
from shared.ports.metrics import Unit
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger
from shared.runtime.metrics import LoggedMetrics

TICK_MINUTES = 10  # an ERP that is down all day is told of hourly, not at each tick
environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
metrics = LoggedMetrics()
clock, postings = PlatformClock(), environment.text("POSTINGS_TABLE")
invoices = environment.text("INVOICES_TABLE")
master_data = DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant)
key_id = environment.text("ERP_SIGNING_KEY_ID")
site = tenant_site(tenant, clock, aws, postings_table=postings, signing_key_id=key_id)
settlements = SettlementSync(
    tenant=tenant,
    erps=MappedErpRouting(master_data, site),
    intents=DynamoPostingIntents(aws.dynamodb(), postings, tenant),
    notes=DynamoCreditNotes(aws.dynamodb(), invoices, tenant, postings_table=postings),
    receivables=DynamoReceivables(aws.dynamodb(), postings, tenant),
    exceptions=QueuedExceptionReporter(aws.sqs(), environment.text("EXCEPTIONS_QUEUE_URL"), tenant),
    known=DynamoExceptionStore(aws.dynamodb(), environment.text("EXCEPTIONS_TABLE"), tenant),
    clock=clock,
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    master_data.version()
    if noticed := noticed_entities(event, tenant):
        _read(noticed, aloud=False)
        return
    at = parse_instant(event["time"])
    entities = [entity.legal_entity_id for entity in master_data.legal_entities()]
    try:
        _read(settlements.due(entities, at=at), aloud=at.minute < TICK_MINUTES)
    finally:
        _measure(entities)


def _read(entities: Sequence[LegalEntityId], *, aloud: bool) -> None:
    """Read; what fails fails `aloud`, with retries and an exception in the end, or is logged alone."""
    try:
        read = settlements.sync(entities)
    except ExceptionGroup:
        if aloud:
            raise
        logger.exception("settlements not read: the first tick of an hour asks again, and fails where this has")
        return
    found = {"documents": read.changed, "left_alone": sorted(read.left_alone), "behind": sorted(read.behind)}
    logger.info("settlements read", extra=found)


def _measure(entities: Sequence[LegalEntityId]) -> None:
    """Tell how old what is known of the ERPs is, of each in the log and of the oldest as a figure."""
    as_of, now = settlements.as_of(entities), clock.now()
    logger.info("settlements known", extra={"as_of": {one: format_instant(at) for one, at in as_of.items()}})
    oldest = min(as_of.values(), default=now)
    metrics.record("ReceivablesAge", (now - oldest).total_seconds(), Unit.SECONDS)
