"""Accruals in memory (port Accruals): all or nothing, as the table's transaction is."""

from shared.domain.posting.accrual import Accrual
from shared.domain.posting.intent import PostingIntent
from shared.ports.posting_intents import StaleIntentError
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents


class InMemoryAccruals:
    def __init__(self, intents: InMemoryPostingIntents) -> None:
        self._intents = intents

    def book(self, posted: PostingIntent, accrual: Accrual) -> None:
        stored = self._intents.read(posted.posting_id)
        if stored == posted:
            return  # a repeat of a write whose reply was lost
        if stored is None or stored.version != posted.version - 1 or self._intents.read(accrual.accrual.posting_id):
            raise StaleIntentError(posted.posting_id)
        for journal in accrual:
            self._intents.require_open_period(journal)
        self._intents.save(posted)
        for journal in accrual:
            self._intents.add(journal)
