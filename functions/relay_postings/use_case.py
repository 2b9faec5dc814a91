"""Ask for what is due: what was stored but never sent, what has become of what was sent, whom nobody has told."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum, auto
from itertools import islice
from typing import NamedTuple, assert_never

from functions.relay_postings.asking import Asking
from shared.domain.identifiers import CreditNoteId, LegalEntityId, PostingId
from shared.domain.invoice_document.document import DocumentId
from shared.domain.invoicing.credit_note import credited_by
from shared.domain.posting.announcement import announcement_of
from shared.domain.posting.backlog import PATIENCE_WITH_THE_QUEUE
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.follow_ups import asked_for, is_to_be_asked_for, needs_follow_up
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.lookups import asked_for_again, told
from shared.domain.posting.names import first_posting
from shared.ports.invoice_documents import DocumentRequests
from shared.ports.posting_announcer import PostingAnnouncer
from shared.ports.posting_intents import PostingIntents, StaleIntentError

MAX_UNSENT = 100_000  # what is kept of them in memory; what was sent is always seen, however long an outage lasts
MAX_RELAYED = 5_000  # what a sweep has the time for


class _Need(Enum):
    SENDING = auto()
    FOLLOW_UP = auto()
    TELLING = auto()


def relay_postings(
    now: datetime,
    *,
    intents: PostingIntents,
    to_be_sent: Asking,
    to_be_followed_up: Asking,
    documents: DocumentRequests,
    announcer: PostingAnnouncer,
) -> int:
    """Relay what is due and return how many postings that were: longest due first, of those the oldest.

    Of each ERP no more postings are asked for than it takes soon: after an outage, what is left keeps its place. One
    posting that cannot be handled keeps no other waiting: its error is raised after the last of them.
    """
    relayed = 0
    failures: list[Exception] = []
    for posting_id in _of_use(sorted(_due(intents, now)), to_be_sent, to_be_followed_up):
        try:
            intent = intents.read(posting_id)
            if intent is None:
                continue
            match _need(intent, now):
                case _Need.SENDING:
                    _ask_for_document(intent, documents)
                    to_be_sent.queue.request(posting_id)
                    intents.save(asked_for_again(intent, until=now + PATIENCE_WITH_THE_QUEUE))
                case _Need.FOLLOW_UP:
                    # Stored first: what a follow-up has found would be stale otherwise, and asked of the ERP again.
                    intents.save(asked_for(intent, until=now + PATIENCE_WITH_THE_QUEUE))
                    to_be_followed_up.queue.request(posting_id)
                case _Need.TELLING:
                    announcer.announce(announcement_of(intent, now=now))
                    intents.save(told(intent, now=now))
                case None:
                    continue
                case _ as never:
                    assert_never(never)
            relayed += 1
        except StaleIntentError:
            continue  # somebody else has brought it on
        except Exception as error:  # noqa: BLE001 - raised below, with all the others
            failures.append(error)
    if failures:
        raise ExceptionGroup("postings could not be relayed", failures)
    return relayed


def _ask_for_document(intent: PostingIntent, documents: DocumentRequests) -> None:
    """Ask for what the customer of a credit note is sent: whoever issued it may have died before both requests.

    An invoice's is asked for by its execution.
    """
    if intent.document.kind is DocumentKind.CREDIT_MEMO:
        documents.request(DocumentId(*credited_by(CreditNoteId(first_posting(intent.posting_id)))))


class _Listed(NamedTuple):
    """What a sweep keeps of each posting, in the order of its work; a backlog's documents would fill the memory."""

    due_at: datetime
    created_at: datetime
    posting_id: PostingId
    legal_entity_id: LegalEntityId
    need: _Need


def _due(intents: PostingIntents, now: datetime) -> Iterator[_Listed]:
    unsent = 0
    for intent in intents.listed(due_by=now):
        need = _need(intent, now)
        unsent += need is _Need.SENDING
        if need is not None and (need is not _Need.SENDING or unsent <= MAX_UNSENT):
            yield _Listed(intent.due_at, intent.created_at, intent.posting_id, intent.legal_entity_id, need)


def _need(intent: PostingIntent, now: datetime) -> _Need | None:
    if intent.due_at > now:
        return None
    if intent.state is IntentState.INTENT:
        return _Need.SENDING
    if needs_follow_up(intent, now=now):
        return _Need.FOLLOW_UP if is_to_be_asked_for(intent, now=now) else None
    return _Need.TELLING if intent.state.settled and not intent.answered else None


def _of_use(listed: Sequence[_Listed], to_be_sent: Asking, to_be_followed_up: Asking) -> Iterator[PostingId]:
    """Yield what there may be to do about: postings to be told of, and of the others as many as their ERP takes."""
    allowances = {
        need: asking.allowance(one.legal_entity_id for one in listed if one.need is need)
        for need, asking in ((_Need.SENDING, to_be_sent), (_Need.FOLLOW_UP, to_be_followed_up))
    }
    useful = (one for one in listed if one.need is _Need.TELLING or allowances[one.need].takes(one.legal_entity_id))
    yield from (one.posting_id for one in islice(useful, MAX_RELAYED))
