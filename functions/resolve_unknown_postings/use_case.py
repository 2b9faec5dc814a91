"""Find out what became of postings whose attempt ended without an answer, and of what was resent."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import assert_never

from functions.resolve_unknown_postings.accruing import Accruer
from functions.resolve_unknown_postings.redating import Redater
from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.announcement import announcement_of
from shared.domain.posting.decisions import advancing, concluded, lost
from shared.domain.posting.elsewhere import NO_BOOKS, held, left_there, may_be_elsewhere
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.lookups import could_not_look, found_nothing, found_posted, found_several, rechecked, told
from shared.domain.posting.outcome import Absent, Ambiguous, Draft, ErpRef, Found, LookupFailed, Posted, Ticket
from shared.domain.posting.polling import polled
from shared.domain.posting.repair import left_to_a_person
from shared.domain.posting.transitions import Step, take
from shared.ports.clock import Clock
from shared.ports.erp import Erp, ErpRouting
from shared.ports.posting_announcer import PostingAnnouncer
from shared.ports.posting_intents import AccountingPeriodClosedError, PostingIntents, StaleIntentError

MAX_CANDIDATES = 1000
WORKS_FOR = timedelta(minutes=2)  # then it leaves the rest to the next run: the last one may wait for a slow ERP


def resolve_unknown_postings(
    due_by: datetime,
    *,
    intents: PostingIntents,
    erps: ErpRouting,
    redater: Redater,
    accruer: Accruer,
    announcer: PostingAnnouncer,
    clock: Clock,
) -> int:
    """Resolve what was due by an instant, as many as a run has time for, and return how many postings that were.

    One posting that cannot be handled keeps no other waiting: its error is raised after the last of them.
    """
    resolved = 0
    failures: list[Exception] = []
    # Picked while they are listed: behind the unsent ones of a long outage they would not be seen for hours.
    for_us = (listed.posting_id for listed in intents.listed(due_by=due_by) if _is_for_us(listed, due_by))
    candidates = list(islice(for_us, MAX_CANDIDATES))
    until = clock.now() + WORKS_FOR
    for posting_id in candidates:
        if clock.now() >= until:
            break
        try:
            intent = intents.read(posting_id)
            if intent is None or not _is_for_us(intent, due_by):
                continue
            try:
                erp, books = erps.erp_and_books(intent.legal_entity_id)
            except KeyError:
                _leave(intent, intents, announcer, clock)
            else:
                _resolve(intent, erp, books, intents, redater, accruer, announcer, clock)
        except StaleIntentError:
            continue  # somebody else has brought it on
        except Exception as error:  # noqa: BLE001 - raised below, with all the others
            failures.append(error)
            continue
        resolved += 1
    if failures:
        raise ExceptionGroup("postings could not be resolved", failures)
    return resolved


def _resolve(
    intent: PostingIntent,
    erp: Erp,
    books: str,
    intents: PostingIntents,
    redater: Redater,
    accruer: Accruer,
    announcer: PostingAnnouncer,
    clock: Clock,
) -> None:
    if intent.awaits_accrual:
        accruer.accrue(intent, books)
    elif intent.awaits_redating:
        announcer.announce(announcement_of(intent, now=clock.now()))  # whoever settled it may have died
        redater.redate(intent, erp, books)
    elif intent.state is not IntentState.SENDING and may_be_elsewhere(intent, books):
        _hold(intent, books, intents, announcer, clock)
    else:
        _bring_on(intent, intents, erp, announcer, clock)


def _is_for_us(intent: PostingIntent, due_by: datetime) -> bool:
    unclear = intent.state in {IntentState.SENDING, IntentState.ACCEPTED, IntentState.UNKNOWN}
    told_of = intent.state.settled and intent.answered
    is_left = told_of and (intent.rechecks_left > 0 or intent.awaits_accrual)
    return intent.due_at <= due_by and (unclear or is_left or intent.awaits_redating)


def _leave(intent: PostingIntent, intents: PostingIntents, announcer: PostingAnnouncer, clock: Clock) -> None:
    """Leave a posting as it is whose legal entity has no ERP now. Raises KeyError for what nothing can be said of."""
    if intent.awaits_redating:
        intents.save(left_to_a_person(intent, "since its legal entity has no ERP now", now=clock.now()))
    elif intent.state is IntentState.SENDING or intent.awaits_accrual:
        raise KeyError(intent.legal_entity_id)
    else:
        _hold(intent, NO_BOOKS, intents, announcer, clock)


def _hold(
    intent: PostingIntent, books: str, intents: PostingIntents, announcer: PostingAnnouncer, clock: Clock
) -> None:
    now = clock.now()
    if intent.state.settled:
        left, said = left_there(intent, books, now=now)
        announcer.announce(said)  # first: nobody looks again once it is stored
        intents.save(left)
    else:
        intent = held(intent, books, now=now)
        intents.save(intent)  # first: what settles it closes what it knows to have been told
        announcer.announce(announcement_of(intent, now=now))


def _bring_on(
    intent: PostingIntent, intents: PostingIntents, erp: Erp, announcer: PostingAnnouncer, clock: Clock
) -> None:
    if intent.state.settled:
        _recheck(intent, intents, erp, announcer, clock)
        return
    if intent.state is IntentState.SENDING:  # nobody can be sending it any more; now its quiet period starts
        intent = lost(intent, "the sender died", capabilities=erp.capabilities(), now=clock.now())
    elif intent.state is IntentState.ACCEPTED and intent.ticket is not None:
        intent = _polled(intent, intent.ticket, intents, erp, clock)
    else:
        intent = _looked_up(intent, intents, erp, clock)
    if intent.state.settled:
        intents.settle(intent)
    else:
        intents.save(intent)
    announcer.announce(announcement_of(intent, now=clock.now()))
    if intent.state.settled:
        intents.save(told(intent, now=clock.now()))


def _recheck(
    intent: PostingIntent, intents: PostingIntents, erp: Erp, announcer: PostingAnnouncer, clock: Clock
) -> None:
    location = erp.locate(intent.external_ref, intent.document.kind)
    chain = intents.chain(intent.posting_id)
    ours = [one for one in chain if one.state is IntentState.POSTED]
    looked_up = rechecked(intent, location, ours=ours, capabilities=erp.capabilities(), now=clock.now())
    if looked_up.problem is ExceptionCode.POSTING_CONFLICT and not looked_up.rechecks_left:
        # Stored before it is told, for whoever closes it; and to be looked up until it was, for whoever dies here.
        looked_up = replace(looked_up, rechecks_left=1)
        intents.save(looked_up)
        announcer.announce(announcement_of(looked_up, now=clock.now()))
        looked_up = take(Step.LOOK_AGAIN, looked_up, rechecks_left=0)
    intents.save(looked_up)


def _looked_up(intent: PostingIntent, intents: PostingIntents, erp: Erp, clock: Clock) -> PostingIntent:
    capabilities = erp.capabilities()
    match erp.locate(intent.external_ref, intent.document.kind):
        case Found(document=document) if document.posted:
            return found_posted(intent, document, capabilities=capabilities, now=clock.now())
        case Found(document=draft):
            return _advanced(intent, draft.ref, intents, erp, clock)
        case Absent():
            return found_nothing(intent, capabilities=capabilities, now=clock.now())
        case Ambiguous() as several:
            return found_several(intent, several, now=clock.now())
        case LookupFailed(reason=reason):
            return could_not_look(intent, reason, capabilities=capabilities, now=clock.now())
        case _ as never:
            assert_never(never)


def _polled(intent: PostingIntent, ticket: Ticket, intents: PostingIntents, erp: Erp, clock: Clock) -> PostingIntent:
    submission = erp.poll(ticket, intent.document)
    if isinstance(submission, Draft):
        return _advanced(intent, submission.ref, intents, erp, clock)
    read_back = erp.read(submission.ref, intent.document.kind) if isinstance(submission, Posted) else None
    return polled(intent, submission, read_back=read_back, capabilities=erp.capabilities(), now=clock.now())


def _advanced(intent: PostingIntent, ref: ErpRef, intents: PostingIntents, erp: Erp, clock: Clock) -> PostingIntent:
    capabilities = erp.capabilities()
    started = advancing(intent, ref, now=clock.now())
    try:
        intents.start_sending(started)
    except AccountingPeriodClosedError as error:
        return could_not_look(
            intent, f"accounting period {error} is closed", capabilities=capabilities, now=clock.now()
        )
    submission = erp.advance(ref, started.document)
    read_back = erp.read(submission.ref, started.document.kind) if isinstance(submission, Posted) else None
    return concluded(started, submission, read_back=read_back, capabilities=capabilities, now=clock.now())
