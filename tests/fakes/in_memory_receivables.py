"""Receivables in memory (port Receivables)."""

from collections.abc import Iterator

from shared.domain.identifiers import LegalEntityId, PostingId
from shared.domain.receivables.books_reading import BooksReading
from shared.domain.receivables.receivable import Receivable


class InMemoryReceivables:
    def __init__(self) -> None:
        self._stored: dict[tuple[LegalEntityId, PostingId], Receivable] = {}
        self._readings: dict[tuple[LegalEntityId, str], BooksReading] = {}

    def read(self, legal_entity_id: LegalEntityId, posting_id: PostingId) -> Receivable | None:
        return self._stored.get((legal_entity_id, posting_id))

    def of(self, legal_entity_id: LegalEntityId) -> Iterator[Receivable]:
        yield from (self._stored[key] for key in sorted(self._stored) if key[0] == legal_entity_id)

    def save(self, receivable: Receivable) -> bool:
        key = receivable.legal_entity_id, receivable.posting_id
        known = self._stored.get(key)
        if known is not None and (known == receivable or known.changed_at > receivable.changed_at):
            return False
        self._stored[key] = receivable
        return True

    def reading(self, legal_entity_id: LegalEntityId, books: str) -> BooksReading:
        return self._readings.get((legal_entity_id, books), BooksReading())

    def save_reading(self, legal_entity_id: LegalEntityId, books: str, reading: BooksReading) -> None:
        self._readings[legal_entity_id, books] = reading
