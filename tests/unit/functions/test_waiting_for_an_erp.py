"""A posting that its ERP does not take now, be it asked or not to be called, stays unsent and comes back in time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.posting.backlog import PATIENCE_WITH_THE_QUEUE
from shared.domain.posting.decisions import AUTH_BACK_OFF, FIRST_BACK_OFF
from shared.domain.posting.intent import IntentState, PostingRequest
from shared.domain.posting.pacing import NotCalled
from tests.builders.posting import FIRST_OF_NOVEMBER
from tests.fakes.fake_erp import Behaviour
from tests.fakes.posting_world import PostingWorld


def not_called_for(wait: timedelta) -> NotCalled:
    return NotCalled(FIRST_OF_NOVEMBER + wait, "the ERP takes no more calls for now")


@pytest.mark.parametrize("wait", [timedelta(seconds=60), timedelta(minutes=15)])
def test_nothing_is_sent_and_no_attempt_counted(wait: timedelta) -> None:
    world = PostingWorld()
    world.not_called = not_called_for(wait)
    world.issue()

    world.deliver()

    waiting = world.intent()
    assert (waiting.state, waiting.attempts, waiting.reason) == (IntentState.INTENT, 0, world.not_called.reason)
    assert world.erp.held == []
    assert world.told.raised == {}


def test_a_short_wait_is_spent_in_the_queue() -> None:
    world = PostingWorld()
    world.not_called = not_called_for(timedelta(seconds=60))
    world.issue()
    world.deliver()

    world.clock.instant += timedelta(seconds=60)
    world.not_called = None
    world.deliver()

    assert world.intent().state is IntentState.POSTED


def test_a_message_that_is_lost_while_it_waits_is_sent_again_by_the_relay() -> None:
    world = PostingWorld()
    world.not_called = not_called_for(timedelta(seconds=60))
    world.issue()
    world.deliver()

    assert world.intent().due_at == world.not_called.until + PATIENCE_WITH_THE_QUEUE


def test_a_long_wait_is_the_relay_s() -> None:
    world = PostingWorld()
    world.not_called = not_called_for(timedelta(minutes=15))
    world.issue()
    world.deliver()

    assert world.delayed == []
    assert world.queue == []
    assert world.intent().due_at == world.not_called.until
    world.not_called = None
    world.run_until_settled()
    assert world.intent().state is IntentState.POSTED


def test_what_an_erp_that_is_down_was_to_get_is_the_relay_s_and_does_not_circle_in_the_queue() -> None:
    """Nobody knows how long it is down, and what the queue holds counts against what is asked for of every other."""
    world = PostingWorld()
    world.not_called = replace(not_called_for(timedelta(seconds=60)), is_down=True)
    world.issue()

    world.deliver()

    assert (world.delayed, world.queue) == ([], [])
    assert world.intent().due_at == world.not_called.until
    world.tick()
    assert world.queue == [PostingRequest(posting_id=world.intent().posting_id, task_token=None)]  # it tries again
    world.not_called = None
    world.run_until_settled()
    assert world.intent().state is IntentState.POSTED


def test_what_a_busy_erp_did_not_take_is_tried_again_soon_and_not_with_the_next_sweep() -> None:
    """A sweep comes every five minutes: it would keep the last documents of a backlog for as long as all the others."""
    world = PostingWorld()
    world.erp.behave(Behaviour.THROTTLE)
    world.issue()
    world.deliver()

    world.clock.instant += timedelta(seconds=29)
    world.deliver()
    assert world.intent().attempts == 1
    world.clock.instant += timedelta(seconds=1)
    world.deliver()

    assert (world.intent().state, world.intent().attempts) == (IntentState.POSTED, 2)


def test_an_erp_that_stays_busy_is_tried_less_and_less_until_only_the_relay_asks_for_the_posting() -> None:
    world = PostingWorld()
    world.erp.behave(*[Behaviour.THROTTLE] * 6)
    world.issue()
    tried_after: list[timedelta] = []
    while not tried_after or world.delayed:
        world.deliver()
        tried_after.append(world.clock.now() - FIRST_OF_NOVEMBER)
        world.clock.instant = max([world.clock.now(), *(at for at, _ in world.delayed)])

    assert tried_after == [timedelta(seconds=30 * waits) for waits in (0, 1, 3, 7, 15, 31)]
    assert world.intent().due_at == world.clock.now() + timedelta(minutes=16)
    world.run_until_settled()
    assert world.intent().state is IntentState.POSTED


def test_the_message_of_a_back_off_is_sent_again_by_the_relay_where_it_is_lost() -> None:
    world = PostingWorld()
    world.erp.behave(Behaviour.THROTTLE)
    world.issue()
    world.deliver()
    world.delayed.clear()

    assert world.intent().due_at == FIRST_OF_NOVEMBER + timedelta(seconds=30) + PATIENCE_WITH_THE_QUEUE
    world.run_until_settled()
    assert world.intent().state is IntentState.POSTED


@pytest.mark.parametrize(
    ("behaviour", "back_off"),
    [(Behaviour.REFUSE_CREDENTIALS, AUTH_BACK_OFF), (Behaviour.BE_AWAY, FIRST_BACK_OFF)],
    ids=["refused credentials", "could not be asked"],
)
def test_what_an_erp_was_not_merely_too_busy_for_is_left_to_the_relay_which_asks_for_the_oldest_first(
    behaviour: Behaviour, back_off: timedelta
) -> None:
    world = PostingWorld()
    world.erp.behave(behaviour)
    world.issue()

    world.deliver()

    assert (world.delayed, world.queue) == ([], [])
    assert (world.intent().state, world.intent().due_at) == (IntentState.INTENT, FIRST_OF_NOVEMBER + back_off)
    world.run_until_settled()
    assert (world.intent().state, world.intent().attempts) == (IntentState.POSTED, 2)
