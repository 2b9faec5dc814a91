"""Amendments: what becomes of a subscription, and what cannot be agreed about it."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identifiers import PlanId, SubscriptionId
from shared.domain.master_data.customer import Dated
from shared.domain.subscriptions.amendment import (
    Amendment,
    Cancellation,
    Change,
    Downgrade,
    Pause,
    QuantityChange,
    Renewal,
    Resumption,
    Upgrade,
)
from shared.domain.subscriptions.amendments import Refused, WhyRefused, amended
from shared.domain.subscriptions.subscription import Subscription
from shared.domain.time_period import Period, local_midnight
from tests.builders.billing import BERLIN

GROWTH, STARTER = PlanId("growth"), PlanId("starter")


def october(day: int, *, month: int = 10, year: int = 2026) -> datetime:
    return local_midnight(date(year, month, day), BERLIN)


START, NEW_YEAR = october(1), october(1, month=1, year=2027)
AGREED = Subscription(
    subscription_id=SubscriptionId("s-acme"),
    plan_id=STARTER,
    active=Period(START, NEW_YEAR),
    quantities=(Dated(Decimal(5), Period(START, None)),),
)


def on(at: datetime, change: Change, *, name: str = "s-acme") -> Amendment:
    return Amendment(subscription_id=SubscriptionId(name), effective_at=at, change=change)


def after(*amendments: Amendment) -> tuple[Subscription, ...]:
    outcome = amended([AGREED], amendments, contract=Period(START, None), zone=BERLIN)
    assert not isinstance(outcome, Refused), outcome
    return outcome


def refused(*amendments: Amendment) -> list[tuple[int, WhyRefused]]:
    outcome = amended([AGREED], amendments, contract=Period(START, None), zone=BERLIN)
    assert isinstance(outcome, Refused)
    return [(one.position, one.why) for one in outcome.refusals]


def test_without_amendments_what_was_agreed_is_in_force() -> None:
    assert after() == (AGREED,)


def test_an_upgrade_ends_the_subscription_and_begins_one_named_by_the_day() -> None:
    before, since = after(on(october(15), Upgrade(GROWTH)))

    assert (before.subscription_id, before.plan_id, before.active) == ("s-acme", STARTER, Period(START, october(15)))
    assert (since.subscription_id, since.plan_id) == ("s-acme@2026-10-15", GROWTH)
    assert (since.active, since.quantities, since.came_of) == (Period(october(15), NEW_YEAR), AGREED.quantities, 0)


def test_plans_change_one_after_another_in_the_order_of_their_days() -> None:
    changes = [on(october(20), Downgrade(STARTER)), on(october(10), Upgrade(GROWTH))]

    assert [(one.plan_id, one.active.end) for one in after(*changes)] == [
        (STARTER, october(10)),
        (GROWTH, october(20)),
        (STARTER, NEW_YEAR),
    ]


def test_a_quantity_holds_from_its_day_on() -> None:
    (changed,) = after(on(october(15), QuantityChange(Decimal(8))), on(october(20), QuantityChange(Decimal(6))))

    assert [changed.quantity_at(october(day)) for day in (1, 14, 15, 19, 20, 31)] == [5, 5, 8, 8, 6, 6]


def test_an_upgrade_may_change_the_seats_on_the_same_day() -> None:
    before, since = after(on(october(15), QuantityChange(Decimal(8))), on(october(15), Upgrade(GROWTH)))

    assert before.quantity_at(october(14)) == Decimal(5)
    assert since.quantity_at(october(15)) == Decimal(8)


def test_a_renewal_goes_on_where_the_term_ends() -> None:
    (renewed,) = after(on(NEW_YEAR, Renewal(until=october(1, year=2027))))

    assert renewed.active == Period(START, october(1, year=2027))


def test_a_pause_owes_no_fees_until_it_is_resumed() -> None:
    (paused,) = after(on(october(10), Pause()), on(october(20), Resumption()))

    assert [paused.owes_fees_at(october(day)) for day in (9, 10, 19, 20)] == [True, False, False, True]


def test_a_pause_that_is_not_resumed_goes_on_also_through_a_change_of_plan() -> None:
    _, since = after(on(october(10), Pause()), on(october(20), Upgrade(GROWTH)))

    assert not since.owes_fees_at(october(25))


def test_a_cancellation_names_the_first_day_that_is_out() -> None:
    (cancelled,) = after(on(october(15), Cancellation()))

    assert cancelled.active == Period(START, october(15))


def test_a_scheduled_change_is_an_amendment_that_lies_ahead() -> None:
    ahead = october(1, month=12)

    assert [one.plan_id for one in after(on(ahead, Upgrade(GROWTH)))] == [STARTER, GROWTH]


@pytest.mark.parametrize(
    ("amendment", "why"),
    [
        (on(october(15, month=9), Upgrade(GROWTH)), WhyRefused.OUT_OF_TIME),  # before the contract
        (on(START, Cancellation()), WhyRefused.OUT_OF_TIME),  # not after the start
        (on(NEW_YEAR, QuantityChange(Decimal(1))), WhyRefused.OUT_OF_TIME),  # after the end
        (on(october(15), Renewal(until=None)), WhyRefused.OUT_OF_TIME),  # within the term
        (on(NEW_YEAR, Renewal(until=october(31))), WhyRefused.OUT_OF_TIME),  # reversed
        (on(october(15), Upgrade(STARTER)), WhyRefused.CONTRADICTION),  # on that plan already
        (on(october(15), Resumption()), WhyRefused.CONTRADICTION),  # not paused
        (on(october(15), Pause(), name="s-globex"), WhyRefused.UNKNOWN_SUBSCRIPTION),
    ],
)
def test_an_amendment_that_cannot_be_is_refused_with_its_reason(amendment: Amendment, why: WhyRefused) -> None:
    assert refused(amendment) == [(0, why)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Upgrade(GROWTH), Downgrade(PlanId("free"))),
        (QuantityChange(Decimal(6)), QuantityChange(Decimal(7))),
        (Cancellation(), QuantityChange(Decimal(6))),
        (Pause(), Resumption()),
    ],
)
def test_two_of_one_day_that_contradict_are_refused_whatever_the_hour(one: Change, other: Change) -> None:
    assert (1, WhyRefused.CONTRADICTION) in refused(
        on(october(15), one), on(october(15).replace(hour=23, day=14), other)
    )


def test_nothing_is_changed_after_a_cancellation() -> None:
    assert refused(on(october(15), Cancellation()), on(october(20), Upgrade(GROWTH))) == [(1, WhyRefused.OUT_OF_TIME)]


def test_a_pause_within_a_pause_is_refused() -> None:
    assert refused(on(october(10), Pause()), on(october(12), Pause())) == [(1, WhyRefused.CONTRADICTION)]


def test_every_reason_is_named_at_once() -> None:
    wrong = [on(START, Cancellation()), on(october(5), Upgrade(GROWTH)), on(october(6), Resumption())]

    assert refused(*wrong) == [(0, WhyRefused.OUT_OF_TIME), (2, WhyRefused.CONTRADICTION)]


@given(st.lists(st.tuples(st.integers(2, 31), st.sampled_from([GROWTH, STARTER])), unique_by=lambda one: one[0]))
def test_plans_tile_the_term_whatever_changes(changes: list[tuple[int, PlanId]]) -> None:
    outcome = amended(
        [AGREED],
        [on(october(day), Upgrade(plan_id)) for day, plan_id in changes],
        contract=Period(START, None),
        zone=BERLIN,
    )

    if isinstance(outcome, Refused):
        return
    ordered = sorted(outcome, key=lambda one: one.active.start)
    edges = [(one.active.start, one.active.end) for one in ordered]
    assert edges[0][0] == START
    assert edges[-1][1] == NEW_YEAR
    assert [start for start, _ in edges[1:]] == [end for _, end in edges[:-1]]
    assert len({one.subscription_id for one in outcome}) == len(outcome)
