"""Finance: what is refused is mended and sent again or booked by hand, what is stuck is posted or deleted there."""

import random
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from functions.repair_posting.by_hand import HandBooking
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import ExternalRef, PostingId
from shared.domain.posting.intent import IntentState, PostingIntent, PostingRequest
from shared.domain.posting.journal import Document, Journal
from shared.domain.posting.names import first_posting
from shared.domain.posting.repair import RepairRefusedError
from tests.fakes.fake_erp import Held
from tests.fakes.posting_world import Died, PostingWorld

IN_NOVEMBER = date(2026, 11, 1)
SHOWN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    world: PostingWorld
    chance: random.Random
    booked_at: dict[PostingId, datetime] = field(default_factory=dict)
    typed: dict[PostingId, Held] = field(default_factory=dict)  # booked by hand without our key
    given_up: set[PostingId] = field(default_factory=set)
    doubles: list[Held] = field(default_factory=list)  # doubles that we have told them of

    def come(self) -> bool:
        """Look after what waits for a person; return whether anything did."""
        waiting = [intent for intent in self.world.intents.all() if self._waits(intent)]
        for intent in waiting:
            if not self._waits(intent):  # seen to together with another posting of its document
                continue
            if len(self._copies(intent)) > self._wanted(intent):
                self._reverse_doubles(intent)
            elif intent.state is IntentState.REJECTED:
                self._see_to_refused(intent)
            else:
                self._see_to_stuck(intent)
        return bool(waiting)

    def _waits(self, intent: PostingIntent) -> bool:
        if intent.problem is ExceptionCode.POSTING_CONFLICT and len(self._copies(intent)) > self._wanted(intent):
            return True
        if intent.state is IntentState.REJECTED:
            return intent.replaced_by is None and not intent.awaits_redating
        return intent.problem is ExceptionCode.POSTING_STUCK and not intent.state.settled

    def _see_to_refused(self, intent: PostingIntent) -> None:
        """Have it booked by hand, given up, or repaired, by two at once or in vain; whoever dies comes again."""
        name, now, drawn = intent.posting_id, self.world.clock.now(), self.chance.random()
        with suppress(RepairRefusedError, Died):
            if name in self.typed:
                self._mark(name)
            elif now - self.booked_at.get(name, now - SHOWN_AFTER) < SHOWN_AFTER:
                return
            elif drawn < 0.1 and name not in self.booked_at:
                self.world.erp.book_by_hand(intent.document)
                self.booked_at[name] = now
            elif drawn < 0.15 and not self._copies(intent):
                self.world.erp.book_by_hand(replace(intent.document, external_ref=ExternalRef(f"typed for {name}")))
                self.typed[name] = self.world.erp.held[-1]
                self._mark(name)
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

    def _mark(self, name: PostingId) -> None:
        ref = self.typed[name].ref.value
        self.world.mark_posted(name, HandBooking(number=f"SI-{ref}", key=ref))

    def _see_to_stuck(self, intent: PostingIntent) -> None:
        if self.chance.random() < 0.5:
            self.world.erp.book_by_hand(intent.document)
        else:
            self.world.erp.held = [one for one in self.world.erp.held if one.document is not intent.document]

    def _reverse_doubles(self, intent: PostingIntent) -> None:
        """Reverse in the ERP what is there beside the one that we know of."""
        copies = self._copies(intent)
        known = self.world.intents.chain(first_posting(intent.posting_id))[-1].erp_ref
        kept = next((one for one in copies if one.ref == known), copies[0]) if self._wanted(intent) else None
        doubles = [one for one in copies if one is not kept]
        self.doubles.extend(doubles)
        if self.typed.get(intent.posting_id) in doubles:
            del self.typed[intent.posting_id]
        self.world.erp.held = [one for one in self.world.erp.held if one not in doubles]

    def _wanted(self, intent: PostingIntent) -> int:
        return 0 if intent.state is IntentState.CANCELLED else 1

    def _copies(self, intent: PostingIntent) -> list[Held]:
        """Return what finance sees there of the document, under whichever of its keys."""
        document, now = first_posting(intent.posting_id), self.world.clock.now()
        return [
            one
            for one in self.world.erp.held
            if one.since <= now and first_posting(one.document.posting_id) == document
        ]


def _dated_into_november(document: Document) -> Document:
    return replace(document, posting_date=max(document.posting_date, IN_NOVEMBER))
