"""What an ERP has taken and its ledger has not: asked after at its pace, noticed when stuck, never sent twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.intent import IntentState, PostingRequest
from tests.fakes.fake_erp import LOOKUP_SPACING, POSTS_AFTER, QUIET_PERIOD, TAKES_FIRST, Behaviour
from tests.fakes.posting_world import PostingWorld

POLL = timedelta(seconds=TAKES_FIRST.poll_seconds)
STUCK = timedelta(seconds=TAKES_FIRST.stuck_after_seconds)
FROM_DRAFT = replace(TAKES_FIRST, two_step_post=True)
BY_NIGHT = TAKES_FIRST.as_set({"stuck_after_minutes": "1800", "poll_minutes": "30"})


def a_world_that_waits(
    does: Capabilities = TAKES_FIRST, *, posts_after: timedelta | None = POSTS_AFTER
) -> PostingWorld:
    world = PostingWorld()
    world.erp.does, world.erp.posts_after = does, iter([posts_after])
    world.issue()
    world.deliver()
    assert world.intent().state is IntentState.ACCEPTED
    return world


def wait(world: PostingWorld, delay: timedelta) -> None:
    world.clock.instant += delay
    world.resolve()


@pytest.mark.parametrize("does", [TAKES_FIRST, FROM_DRAFT], ids=["taken at once", "taken from a draft"])
def test_what_is_taken_is_asked_after_until_the_ledger_has_it(does: Capabilities) -> None:
    world = a_world_that_waits(does)
    taken = world.intent()

    wait(world, POLL - timedelta(seconds=1))
    assert world.intent() is taken
    wait(world, timedelta(seconds=1))
    assert world.intent().state is IntentState.ACCEPTED
    assert world.intent().version == taken.version + 1
    assert world.told.answers == []

    wait(world, POSTS_AFTER)
    assert world.intent().state is IntentState.POSTED
    assert world.told.answers[0].erp_number == "SI-doc-1"
    assert world.told.raised == {}


def test_its_message_again_sends_nothing() -> None:
    world = a_world_that_waits()
    writes = world.erp.writes_seen

    world.post(PostingRequest(posting_id=world.intent().posting_id, task_token=None))

    assert world.intent().state is IntentState.ACCEPTED
    assert world.erp.writes_seen == writes


@pytest.mark.parametrize(("does", "stuck"), [(TAKES_FIRST, STUCK), (BY_NIGHT, timedelta(hours=30))])
def test_what_is_not_posted_for_hours_is_stuck_and_told_to_finance_and_not_sent_again(
    does: Capabilities, stuck: timedelta
) -> None:
    world = a_world_that_waits(does, posts_after=None)

    wait(world, stuck - timedelta(seconds=does.poll_seconds))
    assert world.told.open_codes() == set()
    wait(world, timedelta(seconds=does.poll_seconds))
    assert world.told.open_codes() == {ExceptionCode.POSTING_STUCK}
    wait(world, timedelta(days=3))
    assert world.erp.writes_seen == 1

    world.erp.book_by_hand(world.intent().document)
    world.run_until_settled()
    assert world.intent().state is IntentState.POSTED
    assert world.told.open_codes() == set()


def test_a_ticket_that_the_erp_has_forgotten_is_looked_up_and_adopted() -> None:
    world = a_world_that_waits()
    world.erp.forgets_tickets = iter([True])

    wait(world, POLL)
    assert world.intent().state is IntentState.UNKNOWN
    world.run_until_settled()

    assert world.intent().state is IntentState.POSTED
    assert len(world.erp.held) == 1


@pytest.mark.parametrize(("does", "stuck"), [(TAKES_FIRST, STUCK), (BY_NIGHT, timedelta(hours=30))])
def test_absence_proves_nothing_while_the_erp_may_still_have_it_in_a_queue_that_nobody_sees(
    does: Capabilities, stuck: timedelta
) -> None:
    world = a_world_that_waits(does)
    world.erp.forgets_tickets = iter([True])  # so it is looked up
    world.erp.held[0].since = world.clock.now() + stuck - timedelta(minutes=1)  # shown once it is posted
    world.erp.held[0].posted_since = world.erp.held[0].since

    world.run_until_settled()

    assert world.intent().state is IntentState.POSTED
    assert len(world.erp.held) == 1
    assert world.intent().attempts == 1


def test_a_draft_that_was_posted_in_vain_hours_later_may_be_hidden_from_then_on() -> None:
    world = PostingWorld()
    world.erp.does, world.erp.hides, world.erp.posts_after = FROM_DRAFT, True, iter([STUCK - POLL])
    world.erp.behave(Behaviour.LOSE_REPLY, *[Behaviour.REFUSE_CREDENTIALS] * 12, Behaviour.LOSE_REPLY)
    world.issue()

    world.run_until_settled()

    assert len(world.erp.held) == 1
    assert world.intent().attempts == 1


def test_what_was_deleted_in_the_erp_is_proven_absent_and_sent_again() -> None:
    world = a_world_that_waits(posts_after=None)
    world.erp.held.clear()
    world.erp.posts_after = iter([POSTS_AFTER])

    world.run_until_settled()

    assert world.intent().state is IntentState.POSTED
    assert world.intent().attempts == 2


def test_an_erp_that_cannot_be_asked_leaves_it_as_it_was() -> None:
    world = a_world_that_waits()
    world.erp.fail_lookups([True] * 3)

    for _ in range(3):
        wait(world, POLL)

    assert world.intent().state is IntentState.ACCEPTED
    assert world.told.raised == {}


def test_a_draft_that_waits_for_somebody_there_is_waited_for_after_a_lost_reply_too() -> None:
    world = PostingWorld()
    world.erp.does = TAKES_FIRST
    world.erp.behave(Behaviour.LOSE_REPLY)
    world.issue()
    world.deliver()
    assert world.intent().state is IntentState.UNKNOWN

    wait(world, QUIET_PERIOD + LOOKUP_SPACING)
    assert world.intent().state is IntentState.ACCEPTED
    world.run_until_settled()

    assert world.intent().state is IntentState.POSTED
    assert len(world.erp.held) == 1
