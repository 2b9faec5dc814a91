"""The flow of calls that all functions of a tenant share: lines and circuits in the table of postings."""

from typing import TYPE_CHECKING
from uuid import uuid4

from shared.adapters.dynamodb.call_pacing import DynamoCallPacing
from shared.adapters.dynamodb.circuits import PowertoolsCircuits
from shared.adapters.erp.call_flow import CallFlow
from shared.domain.identifiers import TenantId
from shared.ports.clock import PausingClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def shared_flow(client: "DynamoDBClient", table: str, tenant: TenantId, *, clock: PausingClock) -> CallFlow:
    """Return the flow of this process, under a name of its own."""
    return CallFlow(
        pacing=DynamoCallPacing(client, table, tenant),
        circuits=PowertoolsCircuits(client, table, tenant),
        clock=clock,
        name=uuid4().hex[:12],
    )
