"""Send one posting to its ERP, at most once per proof that it is not there."""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from shared.domain.exception_record import ExceptionCode
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.announcement import announcement_of
from shared.domain.posting.backlog import PutOff, put_off, put_off_until
from shared.domain.posting.closed_period import why_closed
from shared.domain.posting.decisions import concluded, given_up_on, refused, sending
from shared.domain.posting.digest import payload_digest
from shared.domain.posting.elsewhere import is_elsewhere, the_one_elsewhere
from shared.domain.posting.intent import IntentState, PostingIntent, PostingRequest
from shared.domain.posting.lookups import awaited, held_back, kept_waiting, told
from shared.domain.posting.names import comes_after, first_posting
from shared.domain.posting.outcome import Draft, Posted, Submission, Throttled
from shared.domain.posting.pacing import NotCalled
from shared.domain.receivables.receivable import Receivable, why_not_sent
from shared.ports.clock import Clock
from shared.ports.erp import Erp, ErpsInTurn
from shared.ports.master_data import MasterData
from shared.ports.posting_announcer import PostingAnnouncer
from shared.ports.posting_intents import AccountingPeriodClosedError, PostingIntents, StaleIntentError
from shared.ports.posting_requests import PostingRequests
from shared.ports.receivables import Receivables


class PostingNotFoundError(LookupError):
    """The message names a posting that was never written: a defect, kept by the dead-letter queue."""


def post_to_erp(
    request: PostingRequest,
    intents: PostingIntents,
    *,
    receivables: Receivables,
    master_data: MasterData,
    erps: ErpsInTurn,
    requests: PostingRequests,
    announcer: PostingAnnouncer,
    clock: Clock,
) -> PostingIntent:
    """Bring a posting one step on and return it. Whatever needs time is left to the relay and the resolver."""
    chain = intents.chain(request.posting_id)
    if not chain:
        raise PostingNotFoundError(request.posting_id)
    intent = chain[-1]
    # The token of a refused one that was replaced is that of an execution which was told of the refusal.
    if request.task_token is not None and all(request.task_token not in one.task_tokens for one in chain):
        intent = awaited(intent, request.task_token)
        intents.save(intent)
    match intent.state:
        case IntentState.INTENT if intent.made_in_erp:
            reason = "it was made in the ERP by hand: say which document it is by u2c posting mark-posted"
            intent = _refuse(intent, ExceptionCode.CREDITED_IN_ERP, reason, intents, clock)
        case IntentState.INTENT:
            intent = _send(
                intent,
                intents=intents,
                receivables=receivables,
                master_data=master_data,
                erps=erps,
                requests=requests,
                clock=clock,
            )
        case IntentState.SENDING | IntentState.ACCEPTED | IntentState.UNKNOWN:
            pass  # the resolver's; who is sending it may live, and is given up once it is due
        case IntentState.POSTED | IntentState.REJECTED | IntentState.CANCELLED:
            pass  # nothing but the telling is left
        case _ as never:
            assert_never(never)
    if intent.state.settled and intent.answered:
        return intent  # what was told once a person may have closed since
    announcer.announce(announcement_of(intent, now=clock.now()))
    if intent.state.settled:
        intent = told(intent, now=clock.now())
        intents.save(intent)
    return intent


def _send(
    intent: PostingIntent,
    *,
    intents: PostingIntents,
    receivables: Receivables,
    master_data: MasterData,
    erps: ErpsInTurn,
    requests: PostingRequests,
    clock: Clock,
) -> PostingIntent:
    master_data.version()
    entity = master_data.legal_entity(intent.legal_entity_id)
    try:
        erp, books = erps.erp_and_books(intent.legal_entity_id)
    except KeyError:
        return _refuse(intent, ExceptionCode.MAPPING_MISSING, "the legal entity has no ERP", intents, clock)
    before = _goes_before(intent, intents)
    chain = intents.chain(first_posting(intent.posting_id)) if intent.replaces else (intent,)
    unsendable = _why_not(intent, entity)
    if unsendable is None and (elsewhere := _due_elsewhere(books, chain, before)) is not None:
        there, reason = elsewhere
        intent, unsendable = replace(intent, sent_to=there), (ExceptionCode.POSTING_ELSEWHERE, reason)
    if unsendable is None and before is not None and before.state is IntentState.POSTED:
        unsendable = _voided_there(intent, receivables.read(before.legal_entity_id, before.posting_id))
    if unsendable is not None:
        return _refuse(intent, *unsendable, intents, clock)
    if before is not None and before.state is not IntentState.POSTED:
        return _wait_for(before, intent, intents, clock)
    with erps.turn(intent.legal_entity_id) as not_called:
        if not_called is not None:
            return _put_off(not_called, intent, intents, requests, clock)
        started = sending(intent, books=books, now=clock.now())
        try:
            intents.start_sending(started)
        except AccountingPeriodClosedError as error:
            reason = f"accounting period {error} is closed"
            return _refuse(intent, ExceptionCode.PERIOD_CLOSED, reason, intents, clock)
        submission, finished = _attempt(started, erp, clock)
    return _finish(finished, submission, intents, requests, clock)  # others may call meanwhile


def _why_not(intent: PostingIntent, entity: LegalEntity | None) -> tuple[ExceptionCode, str] | None:
    """Say why a document cannot be sent, now or ever."""
    closed_through = entity.closed_through if entity else None
    if closed := why_closed(intent.document.posting_date, closed_through=closed_through):
        return ExceptionCode.PERIOD_CLOSED, closed
    if payload_digest(intent.document) != intent.payload_digest:
        reason = "what is stored under its name is not the document that it was stored with"
        return ExceptionCode.POSTING_CONFLICT, reason
    return None


def _voided_there(intent: PostingIntent, invoice: Receivable | None) -> tuple[ExceptionCode, str] | None:
    reason = why_not_sent(intent, invoice)
    return (ExceptionCode.VOIDED_IN_ERP, reason) if reason else None


def _due_elsewhere(books: str, chain: Sequence[PostingIntent], before: PostingIntent | None) -> tuple[str, str] | None:
    """Return the books that a document belongs in, if these are others, and why: it may be there, or its original is.

    Who books it there by hand is taken at their word, and what is about it then belongs there too.
    """
    elsewhere = the_one_elsewhere(chain, books)
    if elsewhere is not None:
        return elsewhere.sent_to, f"it may still come in {elsewhere.sent_to}, where it was sent before"
    if before is not None and before.state is IntentState.POSTED and is_elsewhere(before, books):
        return before.sent_to, f"{before.posting_id} is in {before.sent_to}, not in its books of now"
    return None


def _goes_before(intent: PostingIntent, intents: PostingIntents) -> PostingIntent | None:
    """Return the posting that has to be in the ledger before this one."""
    first = comes_after(intent.document)
    chain = intents.chain(first) if first is not None else ()
    return chain[-1] if chain else None


def _wait_for(before: PostingIntent, intent: PostingIntent, intents: PostingIntents, clock: Clock) -> PostingIntent:
    """Return the intent as it waits for another; given up, where that one was."""
    if before.state is IntentState.CANCELLED:
        reason = f"{before.posting_id} was cancelled: there is nothing to reverse"
        cancelled = given_up_on(intent, reason, now=clock.now())
        intents.settle(cancelled)
        return cancelled
    waiting = held_back(intent, before.posting_id, now=clock.now())
    intents.save(waiting)
    return waiting


def _put_off(
    not_called: NotCalled, intent: PostingIntent, intents: PostingIntents, requests: PostingRequests, clock: Clock
) -> PostingIntent:
    """Leave a posting unsent, without an attempt, until its ERP may be called."""
    again = put_off(not_called, now=clock.now())
    waiting = kept_waiting(intent, not_called.reason, until=again.due_at)
    intents.save(waiting)
    _ask_again(waiting, again, requests)
    return waiting


def _finish(
    attempted: PostingIntent,
    submission: Submission,
    intents: PostingIntents,
    requests: PostingRequests,
    clock: Clock,
) -> PostingIntent:
    """Store what an attempt has come to; a posting that the ERP was too busy for comes back by the queue.

    Where the ERP could not be asked, as while it is down, the relay asks for it: for the oldest first.
    """
    match submission:
        case Throttled(retry_after_seconds=int()) if attempted.state is IntentState.INTENT:
            again = put_off_until(attempted.due_at, now=clock.now())
            waiting = _store(replace(attempted, due_at=again.due_at), intents)
            _ask_again(waiting, again, requests)
            return waiting
        case _:
            return _store(attempted, intents)


def _ask_again(stored: PostingIntent, again: PutOff, requests: PostingRequests) -> None:
    """Have the queue ask for a posting that was stored as it waits: before that, its message would be left over."""
    if again.asked_after is not None:
        requests.request(stored.posting_id, after=again.asked_after)


def _store(finished: PostingIntent, intents: PostingIntents) -> PostingIntent:
    """Store what an attempt has come to. While it went on, somebody more may have begun to wait for it."""
    write = intents.settle if finished.state.settled else intents.save
    try:
        write(finished)
    except StaleIntentError:
        stored = intents.read(finished.posting_id)
        if stored is None or not _is_same_attempt(stored, finished):
            raise
        finished = replace(finished, version=stored.version + 1, task_tokens=stored.task_tokens)
        write(finished)
    return finished


def _is_same_attempt(stored: PostingIntent, finished: PostingIntent) -> bool:
    attempt = finished.attempts, finished.sent_at
    return stored.state is IntentState.SENDING and (stored.attempts, stored.sent_at) == attempt


def _attempt(started: PostingIntent, erp: Erp, clock: Clock) -> tuple[Submission, PostingIntent]:
    submission = erp.submit(started.document)
    if isinstance(submission, Draft):
        started = replace(started, erp_ref=submission.ref)
        submission = erp.advance(submission.ref, started.document)
    read_back = erp.read(submission.ref, started.document.kind) if isinstance(submission, Posted) else None
    capabilities = erp.capabilities()
    return submission, concluded(started, submission, read_back=read_back, capabilities=capabilities, now=clock.now())


def _refuse(
    intent: PostingIntent, problem: ExceptionCode, reason: str, intents: PostingIntents, clock: Clock
) -> PostingIntent:
    rejected = refused(intent, problem, reason, now=clock.now())
    intents.settle(rejected)
    return rejected
