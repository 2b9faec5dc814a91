"""After an outage the relay asks for the oldest first, and for no more than each ERP takes soon."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

from functions.relay_postings.asking import ASKED_OF_NOWHERE, Asking
from functions.relay_postings.use_case import relay_postings
from shared.domain.identifiers import LegalEntityId, PostingId
from shared.domain.posting.backlog import asked_ahead, drain_time
from shared.domain.posting.intent import FIRST_RELAY_DELAY, IntentState
from shared.domain.posting.outcome import Ticket
from shared.domain.posting.pacing import Caller, CallLimits, Usage
from tests.builders.posting import FIRST_OF_NOVEMBER, GERMANY, an_intent
from tests.fakes.in_memory_call_pacing import InMemoryCallPacing
from tests.fakes.in_memory_posting_intents import InMemoryPostingIntents

FRANCE, NOWHERE = LegalEntityId("acme-fr"), LegalEntityId("acme-old")
NOW = FIRST_OF_NOVEMBER + timedelta(days=1)
CONNECTIONS = {GERMANY: "acme/bc", FRANCE: "acme/netsuite"}
SYSTEMS = {GERMANY: "business_central", FRANCE: "netsuite"}
SLOW = Usage(calls=4, seconds=500)  # six documents in ten minutes, five at a time


@dataclass(slots=True)
class FollowUps:
    asked: list[str] = field(default_factory=list)

    def request(self, posting_id: PostingId, *, after: timedelta = timedelta(0)) -> None:
        self.asked.append(posting_id)

    def waiting(self) -> int:
        return 0


@dataclass(slots=True)
class Site:
    """An outbox, a queue, and the lines before two ERPs."""

    intents: InMemoryPostingIntents = field(default_factory=InMemoryPostingIntents)
    pacing: InMemoryCallPacing = field(default_factory=InMemoryCallPacing)
    asked: list[str] = field(default_factory=list)
    follow_ups: FollowUps = field(default_factory=FollowUps)
    in_queue: int = 0

    def version(self) -> str:
        return "v1"

    def legal_entity(self, entity: LegalEntityId) -> Any:
        if entity not in SYSTEMS:
            return None
        return SimpleNamespace(erp=SimpleNamespace(system=SYSTEMS[entity], connection=CONNECTIONS[entity], settings={}))

    def request(self, posting_id: PostingId, *, after: timedelta = timedelta(0)) -> None:
        self.asked.append(posting_id)

    def waiting(self) -> int:
        return self.in_queue

    def outage(self, entity: LegalEntityId, *names: str) -> None:
        """Have postings wait, all due at once, issued one after the other."""
        for number, name in enumerate(names):
            document = replace(an_intent().document, posting_id=PostingId(name), legal_entity_id=entity)
            created_at = FIRST_OF_NOVEMBER + timedelta(seconds=number)
            due_at = FIRST_OF_NOVEMBER + FIRST_RELAY_DELAY
            intent = replace(an_intent(), posting_id=PostingId(name), legal_entity_id=entity, document=document)
            self.intents.add(replace(intent, created_at=created_at, due_at=due_at))

    def taken(self, entity: LegalEntityId, *names: str) -> None:
        """Have an ERP that takes documents first have them in its ledger by now."""
        self.outage(entity, *names)
        for name in names:
            intent = self.intents.read(PostingId(name))
            assert intent is not None
            accepted = replace(intent, version=2, state=IntentState.ACCEPTED, ticket=Ticket(name))
            self.intents.save(accepted)

    def takes(self, entity: LegalEntityId, usage: Usage) -> None:
        connection, caller = CONNECTIONS[entity], Caller(name="anna", credentials="v1")
        self.pacing.take(connection, caller, CallLimits(concurrency=5), now=NOW, patience=timedelta(0))
        self.pacing.give_back(connection, caller, usage, now=NOW)

    def relay(self) -> None:
        anybody: Any = self
        relay_postings(
            NOW,
            intents=self.intents,
            to_be_sent=Asking(master_data=anybody, pacing=self.pacing, queue=anybody),
            to_be_followed_up=Asking(master_data=anybody, pacing=self.pacing, queue=cast("Any", self.follow_ups)),
            documents=anybody,
            announcer=cast("Any", None),
        )


def test_of_those_due_at_once_the_oldest_are_asked_for_first() -> None:
    site = Site()
    site.outage(GERMANY, "zulu", "mike", "alpha")

    site.relay()

    assert site.asked == ["zulu", "mike", "alpha"]


def test_no_more_is_asked_for_than_the_erp_takes_before_the_sweep_after_the_next() -> None:
    site = Site()
    site.takes(GERMANY, SLOW)
    site.outage(GERMANY, *(f"inv-{number}" for number in range(20)))

    site.relay()

    assert site.asked == [f"inv-{number}" for number in range(6)]


def test_what_the_queue_holds_counts_as_asked_for() -> None:
    site = Site(in_queue=4)
    site.takes(GERMANY, SLOW)
    site.outage(GERMANY, *(f"inv-{number}" for number in range(20)))

    site.relay()

    assert site.asked == ["inv-0", "inv-1"]


def test_a_long_backlog_of_one_erp_keeps_no_other_waiting() -> None:
    site = Site()
    site.takes(GERMANY, SLOW)
    site.outage(GERMANY, *(f"inv-{number}" for number in range(20)))
    site.outage(FRANCE, "facture-1")

    site.relay()

    assert "facture-1" in site.asked
    assert len(site.asked) == 7


def test_what_one_erp_has_filled_the_queue_with_keeps_no_other_waiting() -> None:
    site = Site(in_queue=20_000)  # of a month's end, none of them due here
    site.takes(GERMANY, SLOW)
    site.outage(GERMANY, *(f"inv-{number}" for number in range(20)))
    site.outage(FRANCE, *(f"facture-{number}" for number in range(100)))

    site.relay()

    a_minute_s_worth = ["inv-0", *(f"facture-{number}" for number in range(75))]
    assert sorted(site.asked) == sorted(a_minute_s_worth)


def test_thousands_that_one_erp_has_taken_keep_nobody_waiting_for_the_lost_reply_of_another() -> None:
    site = Site()
    site.takes(GERMANY, SLOW)
    site.taken(GERMANY, *(f"inv-{number}" for number in range(20)))
    site.outage(GERMANY, "unsent")
    site.taken(FRANCE, "facture-1")

    site.relay()

    assert site.follow_ups.asked == ["facture-1", *(f"inv-{number}" for number in range(6))]
    assert site.asked == ["unsent"]


def test_postings_of_an_entity_without_an_erp_are_asked_for_so_that_somebody_is_told() -> None:
    site = Site()
    site.outage(NOWHERE, *(f"inv-{number}" for number in range(ASKED_OF_NOWHERE + 5)))

    site.relay()

    assert len(site.asked) == ASKED_OF_NOWHERE


def test_how_long_a_backlog_takes_follows_from_what_a_document_takes() -> None:
    five_at_a_time = CallLimits(concurrency=5)
    sixty_a_minute = CallLimits(concurrency=5, calls_per_minute=61)

    assert drain_time(100, five_at_a_time, Usage(calls=4, seconds=10)) == timedelta(seconds=200)
    assert drain_time(100, sixty_a_minute, Usage(calls=4, seconds=10)) == timedelta(seconds=400)
    assert asked_ahead(five_at_a_time, None) == 750
    assert asked_ahead(five_at_a_time, Usage(calls=4, seconds=0)) == 6_000  # where time stands still meanwhile
