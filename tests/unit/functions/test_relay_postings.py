"""What the relay picks up: postings nobody sends, and outcomes nobody was told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.posting.intent import FIRST_RELAY_DELAY, IntentState, new_intent
from tests.builders.posting import FIRST_OF_NOVEMBER, a_credit_memo, a_document, an_intent
from tests.fakes.fake_erp import POSTS_AFTER, QUIET_PERIOD, TAKES_FIRST, Behaviour
from tests.fakes.posting_world import PostingWorld


def test_an_intent_whose_message_was_never_sent_is_asked_for_once_per_half_hour() -> None:
    world = PostingWorld()
    world.intents.add(an_intent())

    world.relay()
    assert world.queue == []
    world.clock.instant += FIRST_RELAY_DELAY
    world.relay()
    world.relay()

    assert len(world.queue) == 1
    world.clock.instant += timedelta(minutes=30)
    world.relay()
    assert len(world.queue) == 2


def test_a_credit_memo_that_nobody_sends_has_its_document_asked_for_as_well() -> None:
    world = PostingWorld()
    world.intents.add(an_intent())
    world.intents.add(new_intent(a_credit_memo(of_invoice="inv-1"), created_at=FIRST_OF_NOVEMBER))

    world.clock.instant += FIRST_RELAY_DELAY
    world.relay()

    assert len(world.queue) == 2
    assert [str(of) for of in world.documents.asked] == ["acme-2026/2026-10/r1/credit/sla-7"]


def test_the_document_of_a_repaired_credit_memo_is_that_of_its_credit_note() -> None:
    world = PostingWorld()
    memo = a_credit_memo(of_invoice="inv-1", posting_id="acme-2026/2026-10/r1/credit/sla-7/p2")
    world.intents.add(new_intent(memo, created_at=FIRST_OF_NOVEMBER))

    world.clock.instant += FIRST_RELAY_DELAY
    world.relay()

    assert [str(of) for of in world.documents.asked] == ["acme-2026/2026-10/r1/credit/sla-7"]


def test_a_busy_erp_is_asked_again_after_its_back_off() -> None:
    world = PostingWorld()
    world.erp.behave(Behaviour.THROTTLE, Behaviour.THROTTLE)
    world.issue()

    world.run_until_settled()

    assert world.intent().state is IntentState.POSTED
    assert world.intent().attempts == 3
    assert len(world.erp.posted_documents()) == 1


def test_a_posting_that_nobody_waits_for_yet_is_posted_and_told_to_the_one_who_asks_later() -> None:
    world = PostingWorld()
    world.issue(token=None)

    world.run_until_settled()

    assert world.told.answers == []
    assert not world.intent().needs_action


def test_what_became_of_a_posting_is_asked_once_per_half_hour_until_something_has_happened_to_it() -> None:
    world = PostingWorld()
    world.erp.behave(Behaviour.LOSE_REPLY)
    world.issue()
    world.deliver()

    world.relay()
    assert world.follow_ups.asked == []
    world.clock.instant += QUIET_PERIOD
    world.relay()
    world.clock.instant += timedelta(minutes=29)
    world.relay()
    assert len(world.follow_ups.asked) == 1
    world.clock.instant += timedelta(minutes=1)
    world.relay()
    assert len(world.follow_ups.asked) == 2

    world.follow_up()
    world.relay()
    assert world.intent().state is IntentState.POSTED
    assert world.follow_ups.asked == []


def test_what_the_erp_takes_its_time_for_is_asked_after_as_often_as_it_is_due() -> None:
    world = PostingWorld()
    world.erp.does = TAKES_FIRST
    world.erp.behave(Behaviour.WORK)
    world.issue()
    world.deliver()
    asked = []
    while world.intent().state is IntentState.ACCEPTED:
        world.clock.instant += timedelta(seconds=TAKES_FIRST.poll_seconds)
        world.relay()
        asked.append(len(world.follow_ups.asked))
        world.follow_up()

    assert asked == [1] * (POSTS_AFTER // timedelta(seconds=TAKES_FIRST.poll_seconds))


def test_what_is_in_doubt_is_seen_behind_the_backlog_of_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    world = PostingWorld()
    world.erp.behave(Behaviour.LOSE_REPLY)
    in_doubt = world.issue()
    world.deliver()
    for number in range(9):
        unsent = an_intent(a_document(posting_id=f"acme-2026/2026-10/r1/p{number + 2}"))
        world.intents.add(replace(unsent, due_at=unsent.created_at))
    monkeypatch.setattr("functions.relay_postings.use_case.MAX_UNSENT", 5)

    world.clock.instant += QUIET_PERIOD
    world.relay()

    assert [posting_id for _, posting_id in world.follow_ups.asked] == [in_doubt.posting_id]
    assert len(world.queue) == 5
