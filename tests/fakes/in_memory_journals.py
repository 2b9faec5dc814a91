"""Journals in memory (port Journals): the same fences as the table's."""

from shared.domain.identifiers import PostingId
from shared.domain.posting.intent import PostingIntent
from shared.ports.journals import AlreadyReversedError, JournalChangedError, StoredJournal
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents


class InMemoryJournals:
    def __init__(self, intents: InMemoryPostingIntents) -> None:
        self._intents = intents
        self._stored: dict[PostingId, StoredJournal] = {}
        self._reversals: dict[PostingId, PostingId] = {}

    def read(self, posting_id: PostingId) -> StoredJournal | None:
        return self._stored.get(posting_id)

    def save(self, stored: StoredJournal) -> None:
        name = stored.prepared.journal.posting_id
        before = self._stored.get(name)
        if before == stored:
            return  # a repeat of a write whose reply was lost
        if (before.version if before else 0) != stored.version - 1:
            raise JournalChangedError(name)
        self._stored[name] = stored

    def reversal_of(self, original: PostingId) -> PostingId | None:
        return self._reversals.get(original)

    def approve(self, stored: StoredJournal, intent: PostingIntent, *, instead_of: PostingId | None = None) -> None:
        if self._stored.get(intent.posting_id) == stored:
            return
        self._intents.require_open_period(intent)
        original = stored.prepared.journal.reverses
        if original is not None and self._reversals.get(original) != instead_of:
            raise AlreadyReversedError(self._reversals.get(original))
        self.save(stored)
        self._intents.add(intent)
        if original is not None:
            self._reversals[original] = intent.posting_id
