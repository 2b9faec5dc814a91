"""One port for every tax engine. No method raises for what an engine may answer (domain/tax/outcome)."""

from typing import Protocol

from shared.domain.identifiers import LegalEntityId
from shared.domain.tax.document import TaxDocument
from shared.domain.tax.outcome import Quotation, Recording


class TaxEngine(Protocol):
    """One legal entity's tax engine. Whatever records goes by the document's code: doing it twice is doing it once."""

    def quote(self, document: TaxDocument) -> Quotation:
        """Work out the tax of each line by its tax point; nothing is recorded."""

    def commit(self, document: TaxDocument) -> Recording:
        """Record an issued document, or record it again as it is now."""

    def void(self, document: TaxDocument) -> Recording:
        """Take a recorded document back, as if it had never been; Frozen once it was reported to an authority."""

    def refund(self, original: TaxDocument, credit: TaxDocument) -> Recording:
        """Record what is credited of a recorded document: negative lines, at the tax points of the original's."""


class TaxEngines(Protocol):
    def engine_for(self, legal_entity_id: LegalEntityId) -> TaxEngine:
        """Return the engine of a legal entity; raises KeyError for an entity that is not known."""
