"""Bring on whatever was sent.

What had no answer is looked up after its quiet period, what was accepted is polled, and what is settled is looked up
again where an attempt given up as absent may still come late. What its accounting period has refused is re-dated, what
was posted past the closed month of its service is accrued, and what may be in other books than today's is held.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import assert_never

from functions.resolve_unknown_postings.accruing import Accruer
from functions.resolve_unknown_postings.redating import Redater
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import PostingId
from shared.domain.posting.announcement import announcement_of
from shared.domain.posting.backlog import put_off
from shared.domain.posting.closed_period import why_closed
from shared.domain.posting.decisions import advancing, concluded, lost
from shared.domain.posting.elsewhere import NO_BOOKS, held, left_there, looked_up_there, may_be_elsewhere
from shared.domain.posting.follow_ups import needs_follow_up
from shared.domain.posting.intent import IntentState, PostingIntent
from shared.domain.posting.lookups import (
    could_not_look,
    draft_withheld,
    found_nothing,
    found_posted,
    found_several,
    rechecked,
    told,
)
from shared.domain.posting.names import comes_after
from shared.domain.posting.outcome import Absent, Ambiguous, Draft, ErpRef, Found, LookupFailed, Posted, Ticket
from shared.domain.posting.polling import polled
from shared.domain.posting.repair import left_to_a_person
from shared.domain.posting.transitions import Step, take
from shared.domain.receivables.receivable import Receivable, why_not_sent
from shared.ports.clock import Clock
from shared.ports.erp import Erp, ErpsInTurn
from shared.ports.master_data import MasterData
from shared.ports.posting_announcer import PostingAnnouncer
from shared.ports.posting_intents import AccountingPeriodClosedError, PostingIntents, StaleIntentError
from shared.ports.posting_requests import PostingRequests
from shared.ports.receivables import Receivables


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingResolver:
    intents: PostingIntents
    erps: ErpsInTurn
    requests: PostingRequests
    redater: Redater
    accruer: Accruer
    master_data: MasterData
    receivables: Receivables
    announcer: PostingAnnouncer
    clock: Clock

    def resolve(self, posting_id: PostingId) -> IntentState:
        """Bring a posting on that is due and return how it stood; nothing happens to one that is not.

        Where its ERP has no turn for it soon, it is asked for again. Raises LookupError for one that was never written.
        """
        intent = self.intents.read(posting_id)
        if intent is None:
            raise LookupError(f"there is no posting {posting_id}")
        if needs_follow_up(intent, now=self.clock.now()):
            with suppress(StaleIntentError):  # somebody else has brought it on
                self._follow_up(intent)
        return intent.state

    def _follow_up(self, intent: PostingIntent) -> None:
        try:
            erp, books = self.erps.erp_and_books(intent.legal_entity_id)
        except KeyError:
            self._leave(intent)
            return
        with self.erps.reading_turn(intent.legal_entity_id) as not_called:
            again = put_off(not_called, now=self.clock.now()) if not_called is not None else None
            if again is not None and again.asked_after is not None:
                self.requests.request(intent.posting_id, after=again.asked_after)
            else:
                self._resolve(intent, erp, books)

    def _resolve(self, intent: PostingIntent, erp: Erp, books: str) -> None:
        if intent.awaits_accrual:
            self.accruer.accrue(intent, books)
        elif intent.awaits_redating:
            self._announce(intent)  # whoever settled it may have died
            self.redater.redate(intent, erp, books)
        elif intent.state is not IntentState.SENDING and may_be_elsewhere(intent, books):
            self._hold(intent, books)
        elif intent.state.settled:
            self._recheck(intent, erp)
        else:
            self._bring_on(intent, erp)

    def _leave(self, intent: PostingIntent) -> None:
        """Leave a posting whose legal entity has no ERP now. Raises KeyError for what nothing can be said of."""
        if intent.awaits_redating:
            why = "since its legal entity has no ERP now"
            self.intents.save(left_to_a_person(intent, why, now=self.clock.now()))
        elif intent.state is IntentState.SENDING or intent.awaits_accrual:
            raise KeyError(intent.legal_entity_id)
        else:
            self._hold(intent, NO_BOOKS)

    def _hold(self, intent: PostingIntent, books: str) -> None:
        now = self.clock.now()
        if intent.state.settled:
            left, said = left_there(intent, books, now=now)
            # Stored before it is told, for whoever finds its books back; and held again, for whoever dies here.
            self.intents.save(left)
            self.announcer.announce(said)
            self.intents.save(take(Step.LOOK_AGAIN, left, rechecks_left=0))
        else:
            intent = held(intent, books, now=now)
            self.intents.save(intent)  # first: what settles it closes what it knows to have been told
            self._announce(intent)

    def _bring_on(self, intent: PostingIntent, erp: Erp) -> None:
        if intent.state is IntentState.SENDING:  # nobody can be sending it any more; now its quiet period starts
            intent = lost(intent, "the sender died", capabilities=erp.capabilities(), now=self.clock.now())
        elif intent.state is IntentState.ACCEPTED and intent.ticket is not None:
            intent = self._polled(intent, intent.ticket, erp)
        else:
            intent = self._looked_up(intent, erp)
        if intent.state.settled:
            self.intents.settle(intent)
        else:
            self.intents.save(intent)
        self._announce(intent)
        if intent.state.settled:
            self.intents.save(told(intent, now=self.clock.now()))

    def _recheck(self, intent: PostingIntent, erp: Erp) -> None:
        location = erp.locate(intent.external_ref, intent.document.kind)
        chain = self.intents.chain(intent.posting_id)
        ours = [one for one in chain if one.state is IntentState.POSTED]
        looked_up = rechecked(intent, location, ours=ours, capabilities=erp.capabilities(), now=self.clock.now())
        if looked_up.problem is ExceptionCode.POSTING_CONFLICT and not looked_up.rechecks_left:
            # Stored before it is told, for whoever closes it; and to be looked up until it was, for whoever dies here.
            looked_up = replace(looked_up, rechecks_left=1)
            self.intents.save(looked_up)
            self._announce(looked_up)
            looked_up = take(Step.LOOK_AGAIN, looked_up, rechecks_left=0)
        if looked_up.left_elsewhere and not looked_up.rechecks_left:
            looked_up, said = looked_up_there(looked_up, now=self.clock.now())
            self.announcer.announce(said)
        self.intents.save(looked_up)

    def _looked_up(self, intent: PostingIntent, erp: Erp) -> PostingIntent:
        capabilities = erp.capabilities()
        match erp.locate(intent.external_ref, intent.document.kind):
            case Found(document=document) if document.posted:
                return found_posted(intent, document, capabilities=capabilities, now=self.clock.now())
            case Found(document=draft):
                return self._advanced(intent, draft.ref, erp)
            case Absent():
                return found_nothing(intent, capabilities=capabilities, now=self.clock.now())
            case Ambiguous() as several:
                return found_several(intent, several, now=self.clock.now())
            case LookupFailed(reason=reason):
                return could_not_look(intent, reason, capabilities=capabilities, now=self.clock.now())
            case _ as never:
                assert_never(never)

    def _polled(self, intent: PostingIntent, ticket: Ticket, erp: Erp) -> PostingIntent:
        submission = erp.poll(ticket, intent.document)
        if isinstance(submission, Draft):
            return self._advanced(intent, submission.ref, erp)
        read_back = erp.read(submission.ref, intent.document.kind) if isinstance(submission, Posted) else None
        return polled(intent, submission, read_back=read_back, capabilities=erp.capabilities(), now=self.clock.now())

    def _advanced(self, intent: PostingIntent, ref: ErpRef, erp: Erp) -> PostingIntent:
        capabilities = erp.capabilities()
        started = advancing(intent, ref, now=self.clock.now())
        if (withheld := self._started_or_not(started)) is not None:
            erp.discard(ref, intent.document.kind)  # nobody is to post it there either
            left = erp.locate(intent.external_ref, intent.document.kind)
            return draft_withheld(intent, ref, *withheld, left=left, capabilities=capabilities, now=self.clock.now())
        submission = erp.advance(ref, started.document)
        read_back = erp.read(submission.ref, started.document.kind) if isinstance(submission, Posted) else None
        return concluded(started, submission, read_back=read_back, capabilities=capabilities, now=self.clock.now())

    def _started_or_not(self, started: PostingIntent) -> tuple[ExceptionCode, str] | None:
        """Store a posting that is to be brought into the ledger, or return why it must not come there any more.

        Since the document was sent, its accounting period may have closed, in the catalogue or in the ERP, or its
        invoice may have been voided there.
        """
        self.master_data.version()
        entity = self.master_data.legal_entity(started.legal_entity_id)
        closed_through = entity.closed_through if entity else None
        if closed := why_closed(started.document.posting_date, closed_through=closed_through):
            return ExceptionCode.PERIOD_CLOSED, closed
        if voided := why_not_sent(started, self._invoice_of(started)):
            return ExceptionCode.VOIDED_IN_ERP, voided
        try:
            self.intents.start_sending(started)
        except AccountingPeriodClosedError as error:
            return ExceptionCode.PERIOD_CLOSED, f"accounting period {error} is closed"
        return None

    def _invoice_of(self, memo: PostingIntent) -> Receivable | None:
        first = comes_after(memo.document)
        chain = self.intents.chain(first) if first is not None else ()
        return self.receivables.read(chain[-1].legal_entity_id, chain[-1].posting_id) if chain else None

    def _announce(self, intent: PostingIntent) -> None:
        self.announcer.announce(announcement_of(intent, now=self.clock.now()))
