"""Tax intents and requests in memory (ports TaxIntents and TaxRequests): the same fences as the table's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.tax.intent import TaxIntent, TaxIntentId
from shared.ports.tax_intents import StaleTaxIntentError
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents


class InMemoryTaxIntents:
    """The accounting periods are those that count the postings."""

    def __init__(self, periods: InMemoryPostingIntents) -> None:
        self._periods = periods
        self._intents: dict[TaxIntentId, TaxIntent] = {}

    def add(self, intent: TaxIntent) -> None:
        """Do what the transaction that issues an invoice does."""
        assert intent.tax_intent_id not in self._intents
        self._periods.unrecorded[intent.legal_entity_id, intent.accounting_period] += 1
        self._intents[intent.tax_intent_id] = intent

    def read(self, tax_intent_id: TaxIntentId) -> TaxIntent | None:
        return self._intents.get(tax_intent_id)

    def due(self, now: datetime) -> Iterator[TaxIntentId]:
        open_ones = [intent for intent in self._intents.values() if intent.is_open and intent.due_at <= now]
        yield from [intent.tax_intent_id for intent in sorted(open_ones, key=lambda intent: intent.due_at)]

    def save(self, intent: TaxIntent) -> None:
        if self._intents[intent.tax_intent_id] != intent:  # else a repeat of a write whose reply was lost
            self._require_version(intent)
            self._intents[intent.tax_intent_id] = intent

    def settle(self, intent: TaxIntent) -> None:
        self._require_version(intent)
        self._periods.unrecorded[intent.legal_entity_id, intent.accounting_period] -= 1
        self._intents[intent.tax_intent_id] = intent

    def _require_version(self, intent: TaxIntent) -> None:
        if self._intents[intent.tax_intent_id].version != intent.version - 1:
            raise StaleTaxIntentError(intent.tax_intent_id)


@dataclass(slots=True)
class InMemoryTaxRequests:
    asked: list[TaxIntentId] = field(default_factory=list)

    def request(self, tax_intent_id: TaxIntentId) -> None:
        self.asked.append(tax_intent_id)
