"""A schedule's tick, or notices of ERPs, in; what was settled there since the last time brought home."""

from collections.abc import Sequence
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.sync_settlements.use_case import SettlementsRead, SettlementSync
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
    noticed = noticed_entities(event, tenant)
    if noticed:
        _read_after_notice(noticed)
        return
    entities = [entity.legal_entity_id for entity in master_data.legal_entities()]
    try:
        _log(settlements.sync(settlements.due(entities, at=parse_instant(event["time"]))))
    finally:
        _measure(entities)


def _read_after_notice(entities: Sequence[LegalEntityId]) -> None:
    try:
        _log(settlements.sync(entities))
    except ExceptionGroup:
        logger.exception("settlements not read after a notice: the next tick asks again, and fails where this has")


def _log(read: SettlementsRead) -> None:
    found = {"documents": read.changed, "left_alone": sorted(read.left_alone), "behind": sorted(read.behind)}
    logger.info("settlements read", extra=found)


def _measure(entities: Sequence[LegalEntityId]) -> None:
    """Tell how old what is known of the ERPs is, of each in the log and of the oldest as a figure."""
    as_of, now = settlements.as_of(entities), clock.now()
    logger.info("settlements known", extra={"as_of": {one: format_instant(at) for one, at in as_of.items()}})
    oldest = min(as_of.values(), default=now)
    metrics.record("ReceivablesAge", (now - oldest).total_seconds(), Unit.SECONDS)
