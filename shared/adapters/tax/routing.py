"""Which tax engine a legal entity asks (port TaxEngines). A new engine is a new module and one more case here."""

from typing import assert_never

from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import HttpTransport
from shared.adapters.tax import anrok, avatax
from shared.adapters.tax.connection import TaxConnection
from shared.domain.identifiers import LegalEntityId
from shared.domain.master_data.tax_setup import TaxEngineName, TaxSetup
from shared.domain.tax.table import TableTax
from shared.ports.master_data import MasterData
from shared.ports.tax import TaxEngine


class MappedTaxEngines:
    """Routes by the published master data."""

    def __init__(self, master_data: MasterData, secrets: ConnectionSecrets, transport: HttpTransport) -> None:
        self._master_data = master_data
        self._secrets = secrets
        self._transport = transport

    def engine_for(self, legal_entity_id: LegalEntityId) -> TaxEngine:
        self._master_data.version()
        entity = self._master_data.legal_entity(legal_entity_id)
        if entity is None:
            raise KeyError(legal_entity_id)
        match entity.tax.engine:
            case TaxEngineName.TABLE:
                return TableTax(self._master_data.tax_rates())
            case TaxEngineName.AVATAX:
                return avatax.AvaTax(self._avatax(entity.tax), entity.tax)
            case TaxEngineName.ANROK:
                return anrok.Anrok(self._anrok(entity.tax), entity.tax)
            case _ as never:
                assert_never(never)

    def _avatax(self, setup: TaxSetup) -> TaxConnection:
        return TaxConnection(
            setup.connection,
            secrets=self._secrets,
            needed=avatax.SECRET_FIELDS,
            authorization=avatax.authorization,
            transport=self._transport,
        )

    def _anrok(self, setup: TaxSetup) -> TaxConnection:
        return TaxConnection(
            setup.connection,
            secrets=self._secrets,
            needed=anrok.SECRET_FIELDS,
            authorization=anrok.authorization,
            transport=self._transport,
        )
