"""Finance: what is refused is mended and sent again or booked by hand, what is stuck is posted or deleted there.

What may be in the books that its legal entity was moved from is looked for there, by them alone.
"""

import random
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from functions.repair_posting.by_hand import HandBooking
from shared.domain.exception_record import ExceptionCode, exception_id
from shared.domain.identifiers import ExternalRef, PostingId
from shared.domain.posting.elsewhere import the_one_elsewhere
from shared.domain.posting.intent import IntentState, PostingIntent, PostingRequest
from shared.domain.posting.journal import Document, Journal
from shared.domain.posting.names import comes_after, first_posting
from shared.domain.posting.repair import RepairRefusedError
from tests.fakes.fake_erp import Held
from tests.fakes.posting_world import Died
from tests.simulation.posting.ledgers import TwoLedgers

IN_NOVEMBER = date(2026, 11, 1)
SHOWN_AFTER = timedelta(hours=1)
MOST_TRIES = 10
_OF_SEVERAL_LEDGERS = ExceptionCode.POSTING_CONFLICT, ExceptionCode.POSTING_ELSEWHERE


def numbered(one: Held) -> str:
    """Return the number that the fake ERP gives it."""
    return f"SI-{one.ref.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Those who `move_back` publish the former mapping now and then, where something may be in its books."""

    world: TwoLedgers
    chance: random.Random
    move_back: bool
    booked_at: dict[PostingId, datetime] = field(default_factory=dict)
    typed: dict[PostingId, tuple[str, Held]] = field(default_factory=dict)  # booked by hand without our key, and where
    given_up: set[PostingId] = field(default_factory=set)
    doubles: list[Held] = field(default_factory=list)  # doubles that we have told them of

    def come(self) -> bool:
        """Look after what waits for a person; return whether anything did."""
        waiting = [intent for intent in self.world.intents.all() if self._waits(intent)]
        for intent in waiting:
            if not self._waits(intent):  # seen to together with another posting of its document
                continue
            if self._is_doubled(intent):
                self._reverse_doubles(intent)
            elif self._may_be_elsewhere(intent):
                self._see_to_elsewhere(intent)
            elif intent.state is IntentState.REJECTED:
                self._see_to_refused(intent)
            else:
                self._see_to_stuck(intent)
        return bool(waiting)

    def _waits(self, intent: PostingIntent) -> bool:
        if self._is_doubled(intent):
            return True
        if intent.state is IntentState.REJECTED:
            return intent.replaced_by is None and not intent.awaits_redating
        if intent.state.settled:
            return False
        return intent.problem is ExceptionCode.POSTING_STUCK or self._may_be_elsewhere(intent)

    def _is_doubled(self, intent: PostingIntent) -> bool:
        """Say whether they were told to look for doubles, and find any."""
        elsewhere = exception_id(ExceptionCode.POSTING_ELSEWHERE, intent.posting_id)
        is_told = intent.problem is ExceptionCode.POSTING_CONFLICT or elsewhere in self.world.told.raised
        return is_told and len(self._copies(intent)) > self._wanted(intent)

    def _may_be_elsewhere(self, intent: PostingIntent) -> bool:
        """Say whether they were told that it, or what it is about, may be in other books, or had it booked there."""
        if intent.state is not IntentState.REJECTED:
            return intent.problem in _OF_SEVERAL_LEDGERS and intent.sent_to != self.world.here
        chain = self.world.intents.chain(first_posting(intent.posting_id))
        of_it = {first_posting(intent.posting_id), comes_after(intent.document)}
        is_there = any(first_posting(one.document.posting_id) in of_it for one in self.world.elsewhere())
        is_told = intent.problem is ExceptionCode.POSTING_ELSEWHERE
        return is_told or is_there or the_one_elsewhere(chain, self.world.here) is not None

    def _see_to_elsewhere(self, intent: PostingIntent) -> None:
        """Have the former mapping published, or mark it as what is in either ledger or is booked in one by hand."""
        drawn, copies = self.chance.random(), self._copies(intent)
        if self.move_back and drawn < 0.3:
            self.world.move()
        elif copies:
            self._finish(intent, *copies[0], deletes=drawn > 0.7)
        elif intent.state is IntentState.REJECTED and drawn < 0.5:
            self._see_to_refused(intent)
        elif not self._may_still_come(intent):
            books = self._due_in(intent)
            self.world.erps[books].book_by_hand(intent.document)
            self._mark_at_once(intent, books, self.world.erps[books].held[-1])

    def _finish(self, intent: PostingIntent, books: str, one: Held, *, deletes: bool) -> None:
        """Post what is there and mark it; or delete it, as what is in books that our word of it would not name."""
        if books not in {intent.sent_to, self.world.here} or (one.posted_since is None and deletes):
            self._remove(books, one)
            return
        self.world.erps[books].book_by_hand(one.document)
        self._mark_at_once(intent, books, one)

    def _may_still_come(self, intent: PostingIntent) -> bool:
        does, now = self.world.erp.does, self.world.clock.now()
        longest = timedelta(seconds=max(does.quiet_period_seconds, does.stuck_after_seconds))
        return intent.sent_at is not None and now < intent.sent_at + longest

    def _due_in(self, intent: PostingIntent) -> str:
        """Return the books of what it credits, reverses or accrues, or else those of now or that it was sent to."""
        chain = self.world.intents.chain(comes_after(intent.document) or PostingId(""))
        there = [books for books, one in self._copies(chain[0]) if one.refusal is None] if chain else []
        return there[0] if there else self.chance.choice((self.world.here, intent.sent_to or self.world.here))

    def _see_to_refused(self, intent: PostingIntent) -> None:
        """Have it booked by hand, given up, or repaired, by two at once or in vain; whoever dies comes again."""
        name, now, drawn = intent.posting_id, self.world.clock.now(), self.chance.random()
        with suppress(RepairRefusedError, Died):
            if name in self.typed:
                self._mark(intent, *self.typed[name])
            elif now - self.booked_at.get(name, now - SHOWN_AFTER) < SHOWN_AFTER:
                return
            elif self._may_be_elsewhere(intent):
                self._repair(intent)
            elif drawn < 0.1 and name not in self.booked_at:
                self.world.erp.book_by_hand(intent.document)
                self.booked_at[name] = now
            elif drawn < 0.15 and not self._copies(intent):
                self.world.erp.book_by_hand(replace(intent.document, external_ref=ExternalRef(f"typed for {name}")))
                self.typed[name] = self.world.here, self.world.erp.held[-1]
                self._mark(intent, *self.typed[name])
            elif drawn < 0.4 and isinstance(intent.document, Journal):
                self.given_up.add(first_posting(name))
                self.world.cancel(name)
            else:
                self._repair(intent)
        if self.chance.random() < 0.3:
            self.world.queue.append(PostingRequest(posting_id=name, task_token=None))  # redriven

    def _repair(self, intent: PostingIntent) -> None:
        anew = (
            _dated_into_november(intent.document) if self.world.erp.is_closed_for(intent.document) else intent.document
        )

        def gina() -> None:
            self.world.repair(intent.posting_id, by="gina", anew=anew)

        meanwhile = gina if self.chance.random() < 0.3 else None
        self.world.repair(intent.posting_id, by="fred", anew=anew, meanwhile=meanwhile)

    def _mark(self, intent: PostingIntent, books: str, booked: Held) -> None:
        """Mark it by the ERP's own key; of what other books have, the ERP of now is not asked."""
        number, ref = numbered(booked), booked.ref.value
        is_here = books == self.world.here
        booking = HandBooking(number=number, key=ref) if is_here else HandBooking(number=number, unverified=True)
        self.world.mark_posted(intent.posting_id, booking)

    def _mark_at_once(self, intent: PostingIntent, books: str, booked: Held) -> None:
        """Mark it before anybody publishes another mapping, by which it would be sent again."""
        for _ in range(MOST_TRIES):
            with suppress(RepairRefusedError, Died):
                self._mark(intent, books, booked)
                return

    def _see_to_stuck(self, intent: PostingIntent) -> None:
        erp = self.world.erps[intent.sent_to]
        if self.chance.random() < 0.5:
            erp.book_by_hand(intent.document)
        else:
            erp.held = [one for one in erp.held if one.document is not intent.document]

    def _reverse_doubles(self, intent: PostingIntent) -> None:
        """Reverse in either ledger what is there beside the one that we know of, or else one that is in the ledger.

        Of what was marked on somebody's word, we know the number.
        """
        copies = self._copies(intent)
        last = self.world.intents.chain(first_posting(intent.posting_id))[-1]
        known = ((books, one) for books, one in copies if (books, numbered(one)) == (last.sent_to, last.erp_number))
        now = self.world.clock.now()
        posted = min(copies, key=lambda copy: copy[1].posted_since is None or copy[1].posted_since > now)
        _, kept = next(known, posted) if self._wanted(intent) else ("", None)
        for books, double in copies:
            if double is not kept:
                self.doubles.append(double)
                self._remove(books, double)

    def _remove(self, books: str, one: Held) -> None:
        """Take it out of the ERP; nobody goes on to call it what was booked, for whichever posting of its document."""
        self.world.remove(books, one)
        for name in [name for name, (_, typed) in self.typed.items() if typed is one]:
            del self.typed[name]

    def _wanted(self, intent: PostingIntent) -> int:
        return 0 if intent.state is IntentState.CANCELLED else 1

    def _copies(self, intent: PostingIntent) -> list[tuple[str, Held]]:
        """Return what finance sees of the document in either ledger, under whichever of its keys."""
        document, now = first_posting(intent.posting_id), self.world.clock.now()
        return [
            (books, one)
            for books, one in self.world.held()
            if one.since <= now and first_posting(one.document.posting_id) == document
        ]


def _dated_into_november(document: Document) -> Document:
    return replace(document, posting_date=max(document.posting_date, IN_NOVEMBER))
