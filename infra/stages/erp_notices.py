"""Notices of ERPs that something has changed: what was paid is read within a minute or two instead of the hour."""

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import acknowledge, acknowledge_tagged_secrets
from infra.constructs.consumers import QueueConsumer
from infra.constructs.http_api import Bounds, HttpApi
from infra.constructs.packages import Extra
from infra.constructs.python_function import PythonFunction
from infra.constructs.schedule import Schedule
from infra.constructs.work_queue import WorkQueue
from infra.stages.erp_posting import ERP_CONNECTION_TAG, ErpPosting
from infra.stages.platform import Platform

# A subscription lasts for three days: two renewals may fail.
RENEWED_AT = "cron(45 4 * * ? *)"
RENEWAL_TIMEOUT = Duration.minutes(10)
GATEWAY_WAITS = Duration.seconds(30)
# ERPs collapse what they tell, and repeat what is refused for the moment. Who sends more than this is no ERP.
BOUNDS = Bounds(requests_a_second=10, burst=20)
# One message a minute and legal entity is delivered, after the last notice of that minute.
GATHERED_FOR = Duration.seconds(60)
PATH = "/erp-notices"


class ErpNotices(Construct):
    """`listens`: there is an address that anybody can reach. Without it the ERPs are only asked, every hour."""

    def __init__(self, scope: Construct, platform: Platform, *, posting: ErpPosting, listens: bool) -> None:
        super().__init__(scope, "ErpNotices")
        self._platform = platform
        work = self._settlement_readings(posting.sync_settlements) if listens else None
        receive_erp_notices = self._receive_erp_notices(work)
        address = self._address(receive_erp_notices) if listens else ""
        self._renew_erp_notices(posting, address)

    def _settlement_readings(self, sync_settlements: PythonFunction) -> WorkQueue:
        work = WorkQueue(
            self,
            "SettlementReadings",
            name="settlement-readings",
            consumer_timeout=sync_settlements.timeout,
            key=self._platform.key,
            gathers_for=GATHERED_FOR,
        )
        # All messages are of one group, so one batch is under way at a time; two is the least that can be said.
        QueueConsumer(sync_settlements, work, max_concurrency=2)
        return work

    def _receive_erp_notices(self, work: WorkQueue | None) -> PythonFunction:
        master_data = self._platform.data.master_data
        receive_erp_notices = self._platform.function(
            self,
            "receive_erp_notices",
            environment={
                "MASTER_DATA_TABLE": master_data.table_name,
                "SETTLEMENT_READINGS_QUEUE_URL": work.url if work else "",
            },
            may=[
                permissions.read_table(master_data),
                permissions.read_tagged_secrets(ERP_CONNECTION_TAG),
                *([permissions.send_to(work.queue)] if work else []),
            ],
            timeout=GATEWAY_WAITS,
            reserved_concurrency=BOUNDS.burst,
        )
        acknowledge_tagged_secrets(receive_erp_notices.role)
        return receive_erp_notices

    def _address(self, receive_erp_notices: PythonFunction) -> str:
        api = HttpApi(
            self, "NoticeApi", key=self._platform.key, authorizer=apigateway.HttpNoneAuthorizer(), bounds=BOUNDS
        )
        api.route(apigateway.HttpMethod.POST, f"{PATH}/{{legal_entity}}", receive_erp_notices)
        acknowledge(
            api,
            {"AwsSolutions-APIG4": "ERPs sign nothing: the function compares what they send with a secret of theirs."},
        )
        return f"{api.api.api_endpoint}{PATH}"

    def _renew_erp_notices(self, posting: ErpPosting, address: str) -> None:
        data = self._platform.data
        renew_erp_notices = self._platform.function(
            self,
            "renew_erp_notices",
            environment={
                "ERP_NOTICES_URL": address,
                "ERP_SIGNING_KEY_ID": data.erp_signing_key.key_id,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "POSTINGS_TABLE": data.postings.table_name,
            },
            may=posting.sign_in_to_erps(),
            timeout=RENEWAL_TIMEOUT,
            reserved_concurrency=1,
            carries=Extra.HTTP,
        )
        acknowledge_tagged_secrets(renew_erp_notices.role)
        Schedule.of_function(renew_erp_notices, expression=RENEWED_AT, key=self._platform.key)
