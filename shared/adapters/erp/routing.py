"""Which ERP a legal entity posts to, and which keeps its orders (ports ErpRouting, SalesOrderRouting).

A new ERP is a new module and one more case here.
"""

from collections.abc import Mapping

from shared.adapters.erp import business_central, netsuite
from shared.adapters.erp.kms_assertion import KmsSigner
from shared.adapters.erp.netsuite_orders import ITEM_SETTING, NetSuiteSalesOrders
from shared.adapters.erp.session import ErpSession, TokenRequest
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import HttpTransport, Request
from shared.domain.identifiers import LegalEntityId
from shared.domain.master_data.catalog import LegalEntity
from shared.ports.clock import Clock
from shared.ports.erp import Erp
from shared.ports.master_data import MasterData
from shared.ports.sales_orders import SalesOrders


class MappedErpRouting:
    """Routes by the published master data; one session per connection, so that entities share its token."""

    def __init__(
        self,
        master_data: MasterData,
        credentials: ConnectionSecrets,
        signer: KmsSigner,
        transport: HttpTransport,
        clock: Clock,
    ) -> None:
        self._master_data = master_data
        self._credentials = credentials
        self._signer = signer
        self._transport = transport
        self._clock = clock
        self._sessions: dict[tuple[str, str], ErpSession] = {}

    def erp_for(self, legal_entity_id: LegalEntityId) -> Erp:
        self._master_data.version()
        entity = self._master_data.legal_entity(legal_entity_id)
        if entity is None:
            raise KeyError(legal_entity_id)
        match entity.erp.system:
            case "business_central":
                session = self._session(entity, business_central.SECRET_FIELDS, business_central.token_request)
                return business_central.BusinessCentralErp(session, entity)
            case "netsuite":
                return netsuite.NetSuiteErp(self._netsuite(entity), entity)
            case unknown:
                raise KeyError(f"no adapter for the ERP system {unknown}")

    def sales_orders_of(self, entity: LegalEntity) -> SalesOrders | None:
        return NetSuiteSalesOrders(self._netsuite(entity), entity) if ITEM_SETTING in entity.erp.settings else None

    def _netsuite(self, entity: LegalEntity) -> ErpSession:
        return self._session(entity, netsuite.SECRET_FIELDS, self._netsuite_token_request)

    def _session(self, entity: LegalEntity, needed: tuple[str, ...], token_request: TokenRequest) -> ErpSession:
        key = entity.erp.system, entity.erp.connection
        if key not in self._sessions:
            self._sessions[key] = ErpSession(
                entity.erp.connection,
                credentials=self._credentials,
                needed=needed,
                token_request=token_request,
                transport=self._transport,
                clock=self._clock,
            )
        return self._sessions[key]

    def _netsuite_token_request(self, secret: Mapping[str, str]) -> Request:
        return netsuite.token_request(secret, signer=self._signer, now=self._clock.now())
