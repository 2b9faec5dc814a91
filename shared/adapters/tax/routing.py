"""Which tax engine a legal entity asks (port TaxEngines). A new engine is a new module and one more case here."""

from shared.domain.identifiers import LegalEntityId
from shared.domain.tax.table import TableTax
from shared.ports.master_data import MasterData
from shared.ports.tax import TaxEngine


class MappedTaxEngines:
    """Routes by the published master data."""

    def __init__(self, master_data: MasterData) -> None:
        self._master_data = master_data

    def engine_for(self, legal_entity_id: LegalEntityId) -> TaxEngine:
        self._master_data.version()
        if self._master_data.legal_entity(legal_entity_id) is None:
            raise KeyError(legal_entity_id)
        return TableTax(self._master_data.tax_rates())
