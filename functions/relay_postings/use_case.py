"""Ask again for what was stored but never sent; tell those who wait about what settled without them hearing of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple, Self

from functions.relay_postings.asking import Asking
from shared.domain.identifiers import CreditNoteId, LegalEntityId, PostingId
from shared.domain.invoice_document.document import DocumentId
from shared.domain.invoicing.credit_note import credited_by
from shared.domain.posting.announcement import announcement_of
from shared.domain.posting.backlog import PATIENCE_WITH_THE_QUEUE
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.lookups import asked_for_again, told
from shared.domain.posting.names import first_posting
from shared.ports.invoice_documents import DocumentRequests
from shared.ports.posting_announcer import PostingAnnouncer
from shared.ports.posting_intents import PostingIntents, StaleIntentError
from shared.ports.posting_requests import PostingRequests

MAX_CANDIDATES = 100_000
MAX_RELAYED = 5_000  # what a sweep has the time for


def relay_postings(
    now: datetime,
    *,
    intents: PostingIntents,
    requests: PostingRequests,
    asking: Asking,
    documents: DocumentRequests,
    announcer: PostingAnnouncer,
) -> int:
    """Relay what is due and return how many postings that were: longest due first, of those the oldest.

    Of each ERP no more postings are asked for than it takes soon: after an outage, what is left keeps its place. One
    posting that cannot be handled keeps no other waiting: its error is raised after the last of them.
    """
    relayed = 0
    failures: list[Exception] = []
    listed = sorted(map(_Listed.of, islice(intents.listed(due_by=now), MAX_CANDIDATES)))
    for posting_id in _of_use(listed, asking):
        try:
            intent = intents.read(posting_id)
            if intent is None or intent.due_at > now:
                continue
            if intent.state is IntentState.INTENT:
                _ask_for_document(intent, documents)
            relayed += _relay(intent, now, intents, requests, announcer)
        except StaleIntentError:
            continue  # somebody else has brought it on
        except Exception as error:  # noqa: BLE001 - raised below, with all the others
            failures.append(error)
    if failures:
        raise ExceptionGroup("postings could not be relayed", failures)
    return relayed


class _Listed(NamedTuple):
    """What a sweep keeps of each posting, in the order of its work; a backlog's documents would fill the memory."""

    due_at: datetime
    created_at: datetime
    posting_id: PostingId
    legal_entity_id: LegalEntityId
    state: IntentState

    @classmethod
    def of(cls, intent: PostingIntent) -> Self:
        return cls(intent.due_at, intent.created_at, intent.posting_id, intent.legal_entity_id, intent.state)


def _of_use(listed: Sequence[_Listed], asking: Asking) -> Iterator[PostingId]:
    """Yield what there may be to do about: postings to be told of, and unsent ones as far as their ERP takes them."""
    allowance = asking.allowance(one.legal_entity_id for one in listed if one.state is IntentState.INTENT)
    unsent_or_settled = (one for one in listed if one.state is IntentState.INTENT or one.state.settled)
    useful = (one for one in unsent_or_settled if one.state.settled or allowance.takes(one.legal_entity_id))
    yield from (one.posting_id for one in islice(useful, MAX_RELAYED))


def _relay(
    intent: PostingIntent,
    now: datetime,
    intents: PostingIntents,
    requests: PostingRequests,
    announcer: PostingAnnouncer,
) -> bool:
    if intent.state is IntentState.INTENT:
        requests.request(intent.posting_id)
        intents.save(asked_for_again(intent, until=now + PATIENCE_WITH_THE_QUEUE))
        return True
    if intent.state.settled and not intent.answered:
        announcer.announce(announcement_of(intent, now=now))
        intents.save(told(intent, now=now))
        return True
    return False


def _ask_for_document(intent: PostingIntent, documents: DocumentRequests) -> None:
    """Ask for what the customer of a credit note is sent: whoever issued it may have died before both requests.

    An invoice's is asked for by its execution.
    """
    if intent.document.kind is DocumentKind.CREDIT_MEMO:
        documents.request(DocumentId(*credited_by(CreditNoteId(first_posting(intent.posting_id)))))
