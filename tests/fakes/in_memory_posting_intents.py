"""Posting intents in memory (port PostingIntents): the same fences as the table's, without its delays."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from shared.domain.identifiers import ExternalRef, LegalEntityId, PostingId
from shared.domain.posting.accounting_period import AccountingPeriod, PeriodStatus, period_name
from shared.domain.posting.intent import PostingIntent
from shared.ports.posting_intents import AccountingPeriodClosedError, StaleIntentError


class InMemoryPostingIntents:
    def __init__(self) -> None:
        self._intents: dict[PostingId, PostingIntent] = {}
        self._status: dict[tuple[LegalEntityId, str], PeriodStatus] = {}
        self.checked: dict[LegalEntityId, tuple[datetime, frozenset[str]]] = {}  # when ERPs told of which periods
        self.looked_up_through: dict[LegalEntityId, date | None] = {}
        self._unsettled: dict[tuple[LegalEntityId, str], int] = {}
        self.unrecorded: Counter[tuple[LegalEntityId, str]] = Counter()  # counted by the tax intents

    def add(self, intent: PostingIntent) -> None:
        """Do what the transaction that issues an invoice does."""
        assert intent.posting_id not in self._intents
        self.require_open_period(intent)
        period = _period(intent)
        self._unsettled[period] = self._unsettled.get(period, 0) + 1
        self._intents[intent.posting_id] = intent

    def require_open_period(self, intent: PostingIntent) -> None:
        if self._status.get(_period(intent), PeriodStatus.OPEN) is not PeriodStatus.OPEN:
            raise AccountingPeriodClosedError(intent.document.accounting_period)

    def read(self, posting_id: PostingId) -> PostingIntent | None:
        return self._intents.get(posting_id)

    def chain(self, posting_id: PostingId) -> Sequence[PostingIntent]:
        chain: list[PostingIntent] = []
        following: PostingId | None = posting_id
        while following is not None and following in self._intents:
            chain.append(self._intents[following])
            following = chain[-1].replaced_by
        return chain

    def carrying(self, external_ref: ExternalRef) -> PostingIntent | None:
        return next((one for one in self._intents.values() if one.external_ref == external_ref), None)

    def all(self) -> Iterable[PostingIntent]:
        return self._intents.values()

    def listed(self, *, due_by: datetime | None = None) -> Iterator[PostingIntent]:
        listed = [one for one in self._intents.values() if one.needs_action and (not due_by or one.due_at <= due_by)]
        yield from sorted(listed, key=lambda intent: intent.due_at)

    def save(self, intent: PostingIntent) -> None:
        stored = self._intents[intent.posting_id]
        if stored == intent:
            return  # a repeat of a write whose reply was lost
        if stored.version != intent.version - 1:
            raise StaleIntentError(intent.posting_id)
        self._intents[intent.posting_id] = intent

    def start_sending(self, intent: PostingIntent) -> None:
        self._require_version(intent)
        if self._status.get(_period(intent)) is PeriodStatus.CLOSED:
            raise AccountingPeriodClosedError(intent.document.accounting_period)
        self._intents[intent.posting_id] = intent

    def settle(self, intent: PostingIntent) -> None:
        self._require_version(intent)
        self._unsettled[_period(intent)] -= 1
        self._intents[intent.posting_id] = intent

    def accounting_period(self, legal_entity_id: LegalEntityId, name: str) -> AccountingPeriod:
        key = legal_entity_id, name
        status = self._status.get(key, PeriodStatus.OPEN)
        return AccountingPeriod(
            legal_entity_id=legal_entity_id,
            name=name,
            status=status,
            unsettled=self._unsettled.get(key, 0),
            unrecorded=self.unrecorded[key],
        )

    def touched_periods(self, legal_entity_id: LegalEntityId) -> set[str]:
        return {name for entity, name in (*self._unsettled, *self._status) if entity == legal_entity_id}

    def set_period_status(self, legal_entity_id: LegalEntityId, name: str, status: PeriodStatus) -> bool:
        key = legal_entity_id, name
        if status is PeriodStatus.CLOSED and (self._unsettled.get(key, 0) or self.unrecorded[key]):
            return False
        self._status[key] = status
        return True

    def _require_version(self, intent: PostingIntent) -> None:
        if self._intents[intent.posting_id].version != intent.version - 1:
            raise StaleIntentError(intent.posting_id)


def _period(intent: PostingIntent) -> tuple[LegalEntityId, str]:
    return intent.legal_entity_id, period_name(intent.document.accounting_period, intent.document.kind)
