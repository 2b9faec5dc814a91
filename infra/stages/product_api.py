"""What products ask and hand over, and get an answer to at once."""

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.http_api import Bounds, HttpApi, JwtIssuer, known_callers
from infra.stages.metering import (
    ACCEPTANCE_HORIZON_DAYS,
    FUTURE_TOLERANCE_SECONDS,
    MASTER_DATA_AGE,
    bucket_layout,
)
from infra.stages.platform import Platform

# A product that gets no answer lets its customer go on: what is used is measured and billed all the same.
ENTITLEMENT_WHEN_UNKNOWN = "allow"
GATEWAY_WAITS = Duration.seconds(30)
BOUNDS = Bounds(requests_a_second=1_000, burst=500)  # far above what a product asks


class ProductApi(Construct):
    def __init__(self, scope: Construct, platform: Platform, *, issuer: JwtIssuer | None) -> None:
        super().__init__(scope, "Products")
        self._api = HttpApi(self, "ProductApi", key=platform.key, authorizer=known_callers(issuer), bounds=BOUNDS)
        self._check_entitlement(platform)
        self._accept_usage(platform)

    def _check_entitlement(self, platform: Platform) -> None:
        data = platform.data
        check_entitlement = platform.function(
            self,
            "check_entitlement",
            environment=MASTER_DATA_AGE
            | {
                "BUCKET_LAYOUT": bucket_layout(),
                "ENTITLEMENT_WHEN_UNKNOWN": ENTITLEMENT_WHEN_UNKNOWN,
                "FUTURE_TOLERANCE_SECONDS": FUTURE_TOLERANCE_SECONDS,
                "MASTER_DATA_TABLE": data.master_data.table_name,
                "METERING_LEDGER_TABLE": data.metering_ledger.table_name,
            },
            may=[
                permissions.read_table(data.master_data),
                permissions.on_table(data.metering_ledger, "GetItem", "Query"),
            ],
            timeout=GATEWAY_WAITS,
            memory_mb=1024,
        )
        self._api.route(apigateway.HttpMethod.GET, "/entitlements/{subject}/{meter}", check_entitlement)

    def _accept_usage(self, platform: Platform) -> None:
        usage_events, master_data = platform.data.usage_events, platform.data.master_data
        accept_usage = platform.function(
            self,
            "accept_usage",
            environment={
                "ACCEPTANCE_HORIZON_DAYS": ACCEPTANCE_HORIZON_DAYS,
                "BUCKET_LAYOUT": bucket_layout(),
                "FUTURE_TOLERANCE_SECONDS": FUTURE_TOLERANCE_SECONDS,
                "MASTER_DATA_TABLE": master_data.table_name,
                "USAGE_EVENTS_STREAM": usage_events.stream_name,
            },
            may=[permissions.put_on_stream(usage_events), permissions.on_table(master_data, "GetItem", "Query")],
            timeout=GATEWAY_WAITS,
            memory_mb=1024,
        )
        self._api.route(apigateway.HttpMethod.POST, "/usage-events", accept_usage)
