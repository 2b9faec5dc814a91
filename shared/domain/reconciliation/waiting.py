"""What is issued or approved and waits for its ERP: as long as there is any, its accounting period is not done."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.domain.identifiers import LegalEntityId
from shared.domain.money import Money, total
from shared.domain.posting.accounting_period import period_name
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import IntentState, PostingIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDocuments:
    """Documents of a kind, in one currency, whose postings into an accounting period have come to the same state.

    `gross` is the sum of what they say, of credit memos too; of journals, of their debits. `oldest` (UTC) is when the
    first of them was issued or approved.
    """

    legal_entity_id: LegalEntityId
    accounting_period: str  # domain/posting/accounting_period.period_name
    kind: DocumentKind
    state: IntentState
    documents: int
    gross: Money
    oldest: datetime


def waiting_documents(intents: Iterable[PostingIntent]) -> tuple[WaitingDocuments, ...]:
    """Add up the postings that are on their way."""
    groups: dict[tuple[LegalEntityId, str, DocumentKind, IntentState, str], list[PostingIntent]] = defaultdict(list)
    for intent in intents:
        document = intent.document
        period = period_name(document.accounting_period, document.kind)
        key = (intent.legal_entity_id, period, document.kind, intent.state, document.gross.currency.code)
        groups[key].append(intent)
    return tuple(
        WaitingDocuments(
            legal_entity_id=entity,
            accounting_period=period,
            kind=kind,
            state=state,
            documents=len(group),
            gross=total((intent.document.gross for intent in group), group[0].document.gross.currency),
            oldest=min(intent.created_at for intent in group),
        )
        for (entity, period, kind, state, _), group in sorted(groups.items(), key=lambda item: item[0])
    )
