"""One port for every ERP. No method raises for what an ERP may answer: outcomes and readings are values.

`Erp` is what the outbox posts through; a `ReadableErp` also tells of itself and of what became of our documents.
"""

from contextlib import AbstractContextManager
from typing import Protocol

from shared.domain.identifiers import ExternalRef, LegalEntityId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Currency
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind, PostingParty
from shared.domain.posting.journal import Document
from shared.domain.posting.outcome import ErpRef, Location, LookupFailed, PostedDocument, Submission, Ticket
from shared.domain.posting.pacing import NotCalled
from shared.domain.posting.readings import (
    ConnectionReport,
    CustomerOutcome,
    Customers,
    Notices,
    Periods,
    ReferenceData,
    ReferenceKind,
    Settlements,
)


class Erp(Protocol):
    """One legal entity's ERP."""

    def capabilities(self) -> Capabilities: ...

    def submit(self, document: Document) -> Submission:
        """Send the document once. Ensures the customer first. Never resends by itself, never looks up first."""

    def advance(self, ref: ErpRef, document: Document) -> Submission:
        """Bring a draft of ours into the ledger after comparing its recomputed totals with the document's."""

    def poll(self, ticket: Ticket, document: Document) -> Submission:
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
    def erp_and_books(self, legal_entity_id: LegalEntityId) -> tuple[Erp, str]:
        """Return the ERP of a legal entity and the name of the books that its documents go into there.

        Both are of one catalogue, whatever is published meanwhile. Raises KeyError for an entity without an ERP.
        """


class ErpsInTurn(ErpRouting, Protocol):
    def turn(self, legal_entity_id: LegalEntityId) -> AbstractContextManager[NotCalled | None]:
        """Wait for the turn at an entity's ERP, keep it inside, then let others have theirs.

        NotCalled: none comes within the patience of a function, or a call would be in vain. Nothing has been sent.
        """

    def reading_turn(self, legal_entity_id: LegalEntityId) -> AbstractContextManager[NotCalled | None]:
        """Wait for the turn at an entity's ERP to read there: as `turn`, but it tells not what a document takes."""


class ReadableErp(Erp, Protocol):
    """One legal entity's ERP with everything it shows."""

    def check_connection(self) -> ConnectionReport:
        """Sign in and look whether the entity, and what posting needs of it, can be seen."""

    def ensure_customer(self, party: PostingParty, currency: Currency) -> CustomerOutcome:
        """Have the ERP know the customer, once; look-up only where the ERP lets nobody else create any."""

    def find_customers(self, party: PostingParty) -> Customers:
        """Return every customer that is, or might be, this party: by our key, its tax id or its name."""

    def settlements(self, cursor: str) -> Settlements:
        """Return what changed in what our documents are owed since a cursor; "" is the beginning."""

    def renew_notices(self, url: str, token: str) -> Notices:
        """Have the ERP post to a URL, with the token in it, soon after what our documents are owed has changed.

        It lasts for some days only. Doing it again prolongs it; nothing is subscribed to twice.
        """

    def periods(self, kind: DocumentKind) -> Periods:
        """Return the accounting periods as they are for documents of a kind, oldest first."""

    def reference(self, kind: ReferenceKind) -> ReferenceData:
        """Return what a mapping may name."""


class ReadableErpRouting(Protocol):
    def erp_for(self, legal_entity_id: LegalEntityId) -> ReadableErp:
        """Return the ERP of a legal entity; raises KeyError for an entity without one."""


class ReadableErps(Protocol):
    def erp_of(self, entity: LegalEntity) -> ReadableErp:
        """Return the ERP that an entity's mapping names, published or not; raises KeyError for an unknown system."""


class ReadableErpsInTurn(ReadableErpRouting, Protocol):
    def erp_and_books(self, legal_entity_id: LegalEntityId) -> tuple[ReadableErp, str]:
        """Return an entity's ERP and its books, as `ErpRouting` does."""

    def reading_turn(self, legal_entity_id: LegalEntityId) -> AbstractContextManager[NotCalled | None]:
        """Wait for the turn at an entity's ERP to read there, as `ErpsInTurn.turn` does to post."""
