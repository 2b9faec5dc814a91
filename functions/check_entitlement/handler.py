"""GET /entitlements/{subject}/{meter} in, the advice out. See docs/guides/entitlements.md."""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.check_entitlement.use_case import EntitlementChecker, UnknownEntitlementError, UnknownSubjectError
from shared.adapters.catalog_versions import RememberedCatalogVersions
from shared.adapters.dynamodb.master_data import DynamoMasterData
from shared.adapters.dynamodb.running_usage import DynamoRunningUsage
from shared.contracts.entitlement import EntitlementResponses
from shared.domain.entitlement.answer import WhenUnknown
from shared.domain.identifiers import TenantId
from shared.domain.master_data.freshness import Freshness
from shared.domain.metering.layout import BucketLayout
from shared.runtime import aws
from shared.runtime.clock import PlatformClock
from shared.runtime.environment import Environment
from shared.runtime.logging import logger

environment = Environment.of_this_function()
tenant, clock, dynamodb = TenantId(environment.text("TENANT")), PlatformClock(), aws.dynamodb()
layout = BucketLayout.parse(environment.text("BUCKET_LAYOUT"))
future = timedelta(seconds=environment.number("FUTURE_TOLERANCE_SECONDS"))
master_data = DynamoMasterData(dynamodb, environment.text("MASTER_DATA_TABLE"), tenant)
ledger = environment.text("METERING_LEDGER_TABLE")
usage = DynamoRunningUsage(dynamodb, ledger, tenant, layout, clock=clock, future=future)
freshness = Freshness.of(
    unasked_seconds=environment.number("MASTER_DATA_UNASKED_SECONDS"),
    at_most_seconds=environment.number("MASTER_DATA_MAX_AGE_SECONDS"),
)
versions = RememberedCatalogVersions(master_data, clock, freshness)
checker = EntitlementChecker(versions=versions, master_data=master_data, usage=usage, clock=clock)
responses = EntitlementResponses(WhenUnknown(environment.text("ENTITLEMENT_WHEN_UNKNOWN")))


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    asked = event["pathParameters"]
    try:
        return responses.found(checker.check(asked["subject"], asked["meter"]))
    except UnknownSubjectError:
        return responses.not_found("SUBJECT_UNKNOWN")
    except UnknownEntitlementError:
        return responses.not_found("METER_UNKNOWN")
    except Exception:  # noqa: BLE001 - whatever it was, there is no answer, and a product has to be told what to do
        logger.exception("entitlement not known")
        return responses.unknown()
