"""What a function of one tenant needs to reach ERPs. The flow of calls is shared with all others, over the postings."""

from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from shared.adapters.dynamodb.call_pacing import DynamoCallPacing
from shared.adapters.dynamodb.circuits import PowertoolsCircuits
from shared.adapters.dynamodb.customer_creations import DynamoCustomerCreations
from shared.adapters.erp.call_flow import CallFlow
from shared.adapters.erp.kms_assertion import KmsSigner
from shared.adapters.erp.site import ErpSite, OwnRecords
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import http_transport
from shared.domain.identifiers import TenantId
from shared.ports.clock import PausingClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient


class Clients(Protocol):
    """Where AWS clients come from: shared.runtime.aws."""

    def dynamodb(self) -> "DynamoDBClient": ...

    def kms(self) -> "KMSClient": ...

    def secretsmanager(self) -> "SecretsManagerClient": ...


def tenant_site(
    tenant: TenantId, clock: PausingClock, clients: Clients, *, postings_table: str, signing_key_id: str
) -> ErpSite:
    """Return the site of this process."""
    dynamodb = clients.dynamodb()
    flow = CallFlow(
        pacing=DynamoCallPacing(dynamodb, postings_table, tenant),
        circuits=PowertoolsCircuits(dynamodb, postings_table, tenant),
        clock=clock,
        name=uuid4().hex[:12],
    )
    signer = KmsSigner(clients.kms(), signing_key_id)
    records = OwnRecords(dynamodb, postings_table, tenant)
    creations = DynamoCustomerCreations(dynamodb, postings_table, tenant)
    secrets = ConnectionSecrets(clients.secretsmanager(), clock)
    return ErpSite(secrets, signer, http_transport(), clock, flow, creations, records)
