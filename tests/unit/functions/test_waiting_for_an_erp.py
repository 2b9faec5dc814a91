"""A posting whose ERP is not to be called stays unsent, without an attempt, and comes back in time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.posting.backlog import PATIENCE_WITH_THE_QUEUE
from shared.domain.posting.intent import IntentState, PostingRequest
from shared.domain.posting.pacing import Closed
from tests.builders.posting import FIRST_OF_NOVEMBER
from tests.fakes.posting_world import PostingWorld


def closed_for(wait: timedelta) -> Closed:
    return Closed(FIRST_OF_NOVEMBER + wait, "the ERP takes no more calls for now")


@pytest.mark.parametrize("wait", [timedelta(seconds=60), timedelta(minutes=15)])
def test_nothing_is_sent_and_no_attempt_counted(wait: timedelta) -> None:
    world = PostingWorld()
    world.closed = closed_for(wait)
    world.issue()

    world.deliver()

    waiting = world.intent()
    assert (waiting.state, waiting.attempts, waiting.reason) == (IntentState.INTENT, 0, world.closed.reason)
    assert world.erp.held == []
    assert world.told.raised == {}


def test_a_short_wait_is_spent_in_the_queue() -> None:
    world = PostingWorld()
    world.closed = closed_for(timedelta(seconds=60))
    world.issue()
    world.deliver()

    world.clock.instant += timedelta(seconds=60)
    world.closed = None
    world.deliver()

    assert world.intent().state is IntentState.POSTED


def test_a_message_that_is_lost_while_it_waits_is_sent_again_by_the_relay() -> None:
    world = PostingWorld()
    world.closed = closed_for(timedelta(seconds=60))
    world.issue()
    world.deliver()

    assert world.intent().due_at == world.closed.until + PATIENCE_WITH_THE_QUEUE


def test_a_long_wait_is_the_relay_s() -> None:
    world = PostingWorld()
    world.closed = closed_for(timedelta(minutes=15))
    world.issue()
    world.deliver()

    assert world.delayed == []
    assert world.queue == []
    assert world.intent().due_at == world.closed.until
    world.closed = None
    world.run_until_settled()
    assert world.intent().state is IntentState.POSTED


def test_what_an_erp_that_is_down_was_to_get_is_the_relay_s_and_does_not_circle_in_the_queue() -> None:
    """Nobody knows how long it is down, and what the queue holds counts against what is asked for of every other."""
    world = PostingWorld()
    world.closed = replace(closed_for(timedelta(seconds=60)), is_down=True)
    world.issue()

    world.deliver()

    assert (world.delayed, world.queue) == ([], [])
    assert world.intent().due_at == world.closed.until
    world.tick()
    assert world.queue == [PostingRequest(posting_id=world.intent().posting_id, task_token=None)]  # it tries again
    world.closed = None
    world.run_until_settled()
    assert world.intent().state is IntentState.POSTED
