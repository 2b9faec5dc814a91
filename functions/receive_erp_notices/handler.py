"""An ERP's request over HTTP in; a handshake's word or nothing at all out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.receive_erp_notices.use_case import NoticeReceiver
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.sqs.settlement_readings import QueuedSettlementReadings
from shared.contracts.erp_notice import Handshake, Notice, handshake_response, notice_response, read_notice
from shared.contracts.usage_request import HttpResponse, Problem, problem_response
from shared.domain.identifiers import TenantId
from shared.domain.posting.notices import NOTICE_TOKEN
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant = TenantId(environment.text("TENANT"))
secrets = ConnectionSecrets(aws.secretsmanager(), PlatformClock())
receiver = NoticeReceiver(
    master_data=DynamoMasterData(aws.dynamodb(), environment.text("MASTER_DATA_TABLE"), tenant),
    token_of=lambda connection: secrets.read(connection, NOTICE_TOKEN)[NOTICE_TOKEN],
    readings=QueuedSettlementReadings(aws.sqs(), environment.text("SETTLEMENT_READINGS_QUEUE_URL"), tenant),
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> HttpResponse:
    match read_notice(event):
        case Handshake() as handshake:
            logger.info("handshake answered")
            return handshake_response(handshake)
        case Problem() as problem:
            return problem_response(problem)
        case Notice() as notice:
            taken = receiver.receive(notice.legal_entity_id, notice.claims, received_at=notice.received_at)
            logger.info("notice heard", extra={"legal_entity": notice.legal_entity_id if taken else "", "taken": taken})
            return notice_response()
