"""Tax engines in memory (ports TaxEngines and TaxEngine): the table of the published catalogue, or one that is told."""

from dataclasses import dataclass, field

from shared.domain.identifiers import LegalEntityId
from shared.domain.tax.document import TaxDocument
from shared.domain.tax.outcome import Quotation, Recorded, Recording
from shared.domain.tax.table import TableTax
from shared.ports.master_data import MasterData
from shared.ports.tax import TaxEngine


@dataclass(slots=True)
class PublishedTaxTable:
    """The table for every entity, or `engine` where a test gives one."""

    master_data: MasterData
    engine: TaxEngine | None = None

    def engine_for(self, legal_entity_id: LegalEntityId) -> TaxEngine:
        if self.engine is not None:
            return self.engine
        self.master_data.version()
        if self.master_data.legal_entity(legal_entity_id) is None:
            raise KeyError(legal_entity_id)
        return TableTax(self.master_data.tax_rates())


@dataclass(slots=True)
class ScriptedTaxEngine:
    """Answers what it was told to, one answer a call, then records; keeps what it was asked."""

    quotations: list[Quotation] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    asked: list[tuple[str, TaxDocument]] = field(default_factory=list)

    def quote(self, document: TaxDocument) -> Quotation:
        self.asked.append(("quote", document))
        return self.quotations.pop(0)

    def commit(self, document: TaxDocument) -> Recording:
        return self._record("commit", document)

    def void(self, document: TaxDocument) -> Recording:
        return self._record("void", document)

    def refund(self, original: TaxDocument, credit: TaxDocument) -> Recording:
        self.asked.append(("refunded", original))
        return self._record("refund", credit)

    def _record(self, operation: str, document: TaxDocument) -> Recording:
        self.asked.append((operation, document))
        return self.recordings.pop(0) if self.recordings else Recorded(document.tax)
