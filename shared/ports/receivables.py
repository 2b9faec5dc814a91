"""What posted documents are owed, and how far each ERP's books were read."""

from collections.abc import Iterator
from typing import Protocol

from shared.domain.identifiers import LegalEntityId, PostingId
from shared.domain.receivables.books_reading import BooksReading
from shared.domain.receivables.receivable import Receivable


class Receivables(Protocol):
    def read(self, legal_entity_id: LegalEntityId, posting_id: PostingId) -> Receivable | None: ...

    def of(self, legal_entity_id: LegalEntityId) -> Iterator[Receivable]:
        """Yield all of a legal entity, by posting."""

    def save(self, receivable: Receivable) -> bool:
        """Store how a document stands; return False, and change nothing, for what is known or was changed before."""

    def reading(self, legal_entity_id: LegalEntityId, books: str) -> BooksReading:
        """Return how far these books were read for the entity."""

    def save_reading(self, legal_entity_id: LegalEntityId, books: str, reading: BooksReading) -> None: ...
