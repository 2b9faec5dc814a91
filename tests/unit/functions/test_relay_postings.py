"""What the relay picks up: postings nobody sends, and outcomes nobody was told."""

from datetime import timedelta

from shared.domain.posting.intent import FIRST_RELAY_DELAY, IntentState, new_intent
from tests.builders.posting import FIRST_OF_NOVEMBER, a_credit_memo, an_intent
from tests.fakes.fake_erp import Behaviour
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
