"""Whatever call of posting the environment dies before or after: one document in the ERP, one posting, all told."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import repeat
from typing import Any

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.closed_period import ClosedPeriodPolicy
from shared.domain.posting.intent import IntentState
from shared.domain.posting.repair import RepairRefusedError
from tests.builders.posting import GERMANY, an_intent
from tests.fakes.fake_erp import FAKE, ONE_STEP, TAKES_FIRST, Behaviour, FakeErp
from tests.fakes.posting_world import TICK, Died, PostingWorld

MOST_CALLS = 200


@dataclass(slots=True)
class Guillotine:
    """Lets calls to ports through until the chosen one, and dies before or after it, once."""

    fatal_call: int = -1
    after: bool = False
    calls: list[str] = field(default_factory=list)

    def watch(self, name: str, port: Any) -> Any:
        return _Watched(name, port, self)

    def call(self, name: str, run: Callable[[], Any]) -> Any:
        self.calls.append(name)
        is_fatal = len(self.calls) - 1 == self.fatal_call
        if is_fatal and not self.after:
            raise Died(f"before {name}")
        result = run()
        if is_fatal:
            raise Died(f"after {name}")
        return result


class _Watched:
    def __init__(self, name: str, port: Any, guillotine: Guillotine) -> None:
        self._name = name
        self._port = port
        self._guillotine = guillotine

    def __getattr__(self, method: str) -> Any:
        target = getattr(self._port, method)
        name = f"{self._name}.{method}"
        return lambda *args, **kwargs: self._guillotine.call(name, lambda: target(*args, **kwargs))


def history(guillotine: Guillotine, behaviours: tuple[Behaviour, ...], does: Capabilities) -> PostingWorld:
    world = PostingWorld(guillotine.watch)
    world.erp.does, world.erp.posts_after = does, repeat(TICK)
    world.erp.behave(*behaviours)
    world.issue()
    world.run_until_settled()
    while refused := world.refused():
        world.tick()
        with suppress(Died, RepairRefusedError):  # whoever asked asks again
            world.repair(refused[0].posting_id)
        world.run_until_settled()
    return world


_TAKEN = replace(TAKES_FIRST, stuck_after_seconds=30 * 60)
SHAPES = {
    "draft and post": FAKE,
    "one step": ONE_STEP,
    "taken first": _TAKEN,
    "taken from a draft": replace(_TAKEN, two_step_post=True),
}
SCRIPTS = {
    "all well": (),
    "busy first": (Behaviour.THROTTLE,),
    "away first": (Behaviour.BE_AWAY,),
    "draft, then busy": (Behaviour.WORK, Behaviour.THROTTLE),
    "the reply to the draft is lost": (Behaviour.LOSE_REPLY,),
    "the reply to the posting is lost": (Behaviour.WORK, Behaviour.LOSE_REPLY),
    "the request is lost": (Behaviour.LOSE_REQUEST,),
    "the draft comes late": (Behaviour.COMMIT_LATE,),
    "credentials are refused first": (Behaviour.REFUSE_CREDENTIALS,),
    "it is refused and repaired": (Behaviour.REFUSE_MAPPING,),
    "it is taken and refused later": (Behaviour.REFUSE_LATER,),
    "its draft is refused and repaired": (Behaviour.WORK, Behaviour.REFUSE_PERIOD),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("script", SCRIPTS)
def test_dying_before_or_after_any_call_posts_exactly_one_document(script: str, shape: str) -> None:
    uneventful = Guillotine()
    history(uneventful, SCRIPTS[script], SHAPES[shape])
    assert 0 < len(uneventful.calls) < MOST_CALLS

    for fatal_call in range(len(uneventful.calls)):
        for after in (False, True):
            world = history(Guillotine(fatal_call, after), SCRIPTS[script], SHAPES[shape])

            where = f"{'after' if after else 'before'} {uneventful.calls[fatal_call]} ({fatal_call})"
            assert len(world.erp.held) == 1, where
            assert len(world.erp.posted_documents()) == 1, where
            intents = world.all_intents()
            assert intents[-1].state is IntentState.POSTED, where
            assert {answer.state for answer in world.told.answers} == {intents[0].state}, where
            assert world.told.open_codes() == set(), where
            assert world.intents.accounting_period(GERMANY, "2026-10").unsettled == 0, where


def closed_over_a_draft(guillotine: Guillotine, behaviours: tuple[Behaviour, ...], does: Capabilities) -> PostingWorld:
    """Return acme's invoice, whose month the catalogue closes when the ERP has a draft of it or nothing."""
    world = PostingWorld(guillotine.watch)
    world.erp.does, world.erp.posts_after = does, repeat(TICK)
    world.erp.behave(*behaviours)
    world.books.on_closed_period = ClosedPeriodPolicy.NEXT_OPEN
    world.issue(an_intent(on_closed_period=ClosedPeriodPolicy.NEXT_OPEN))
    world.deliver()
    world.books.closed_through = date(2026, 10, 31)
    world.run_until_settled()
    return world


@pytest.mark.parametrize("shape", ["draft and post", "taken from a draft"])
@pytest.mark.parametrize("script", ["draft, then busy", "the reply to the draft is lost"])
def test_dying_before_or_after_any_call_posts_one_document_and_none_into_a_month_that_closed_over_its_draft(
    script: str, shape: str
) -> None:
    uneventful = Guillotine()
    closed_over_a_draft(uneventful, SCRIPTS[script], SHAPES[shape])
    assert "erp.discard" in uneventful.calls

    for fatal_call in range(len(uneventful.calls)):
        for after in (False, True):
            world = closed_over_a_draft(Guillotine(fatal_call, after), SCRIPTS[script], SHAPES[shape])

            where = f"{'after' if after else 'before'} {uneventful.calls[fatal_call]} ({fatal_call})"
            assert [held.document.posting_date for held in world.erp.held] == [date(2026, 11, 1)], where
            assert {answer.accounting_period for answer in world.told.answers} == {"2026-11"}, where
            assert world.told.open_codes() == set(), where
            assert world.intents.accounting_period(GERMANY, "2026-10").unsettled == 0, where


def moved_and_back(guillotine: Guillotine, loss: Behaviour, *, settles: bool) -> tuple[PostingWorld, range]:
    """Return acme's invoice, looked at once while it had other books, and the calls of that time.

    It was in doubt then, or had settled and could still come late.
    """
    world = PostingWorld(guillotine.watch)
    former, mapping = world.erp, world.books.erp
    world.erp.behave(loss)
    world.issue()
    world.deliver()
    if settles:
        world.run_until_settled()
    world.clock.instant = world.intent().due_at - TICK
    begins = len(guillotine.calls)
    world.erp, world.books.erp = FakeErp(world.clock.now), replace(mapping, company="2")
    world.tick()
    ends = len(guillotine.calls)
    world.erp, world.books.erp = former, mapping
    world.run_to_rest(until=world.clock.now() + timedelta(days=3))
    return world, range(begins, ends)


@pytest.mark.parametrize(
    ("loss", "settles"),
    [(Behaviour.LOSE_REPLY, False), (Behaviour.LOSE_REQUEST, True)],
    ids=["in doubt", "may come late"],
)
def test_dying_while_a_posting_may_be_in_other_books_leaves_open_only_what_a_person_is_to_look_for_there(
    loss: Behaviour, *, settles: bool
) -> None:
    uneventful = Guillotine()
    _, calls = moved_and_back(uneventful, loss, settles=settles)
    assert calls

    for fatal_call in calls:
        for after in (False, True):
            world, _ = moved_and_back(Guillotine(fatal_call, after), loss, settles=settles)

            where = f"{'after' if after else 'before'} {uneventful.calls[fatal_call]} ({fatal_call})"
            assert len(world.erp.posted_documents()) == 1, where
            left = {ExceptionCode.POSTING_ELSEWHERE} if world.intent().left_elsewhere else set()
            assert world.told.open_codes() == left, where
