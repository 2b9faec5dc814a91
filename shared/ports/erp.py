"""One port for every ERP. No method raises for what an ERP may answer; outcomes are values (domain/posting/outcome)."""

from typing import Protocol

from shared.domain.identifiers import ExternalRef, LegalEntityId
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.outcome import ErpRef, Location, LookupFailed, PostedDocument, Submission, Ticket


class Erp(Protocol):
    """One legal entity's ERP."""

    def capabilities(self) -> Capabilities: ...

    def submit(self, document: PostingDocument) -> Submission:
        """Send the document once. Ensures the customer first. Never resends by itself, never looks up first."""

    def advance(self, ref: ErpRef, document: PostingDocument) -> Submission:
        """Bring a draft of ours into the ledger after comparing its recomputed totals with the document's."""

    def poll(self, ticket: Ticket, document: PostingDocument) -> Submission:
        """Ask what has become of a document that was accepted; nothing is sent by this.

        Accepted: not in the ledger yet (the ticket may be another one now). Draft: ours to advance after all. Rejected:
        certainly not created. Throttled and AuthFailed: the ERP could not be asked. Uncertain: it does not know the
        ticket, or does not say what came of it.
        """

    def discard(self, ref: ErpRef, kind: DocumentKind) -> None:
        """Have a draft of ours deleted, where the ERP deletes drafts. Whether it is gone, a look-up tells."""

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        """Find the document that carries our key, posted or draft."""

    def read(self, ref: ErpRef, kind: DocumentKind) -> PostedDocument | LookupFailed:
        """Read number, accounting period and totals back."""


class ErpRouting(Protocol):
    def erp_for(self, legal_entity_id: LegalEntityId) -> Erp:
        """Return the ERP of a legal entity; raises KeyError for an entity without one."""
