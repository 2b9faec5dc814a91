"""What may be used follows from the plans in force and the usage so far, and from nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.domain.entitlement.decision import Advice, Decision, Reason, Right, advise, right_at
from shared.domain.entitlement.entitlement import MeterEntitlement
from shared.domain.entitlement.usage_so_far import used_of
from shared.domain.identifiers import CustomerId, MeterCode, PlanId
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.subjects import accounts_of
from shared.domain.metering.aggregate import (
    AggregateState,
    CountState,
    LevelsState,
    SumState,
    UniqueState,
    WindowKey,
    WindowUsage,
)
from shared.domain.metering.levels import Level
from shared.domain.usage.event import Dimensions
from tests.builders.catalog import OCCURRED_AT, catalog

BEFORE_THE_CONTRACT = datetime(2025, 12, 1, tzinfo=UTC)


def growth_with(*entitlements: str) -> Catalog:
    lines = "".join(f"    - {line}\n" for line in entitlements)
    return catalog(file="price_book.yaml", old="  charges:\n", new=f"  entitlements:\n{lines}  charges:\n")


def right(known: Catalog, name: str = "api_calls", instant: datetime = OCCURRED_AT) -> Right | Advice:
    acme = next(account for account in accounts_of(known) if account.customer.customer_id == "acme")
    return right_at(instant, name, account=acme, plans={plan.plan_id: plan for plan in known.plans})


def test_a_plan_that_only_has_a_price_sells_as_much_as_is_used() -> None:
    assert right(catalog()) == Right(None, overage=True)


def test_a_plan_limits_a_meter() -> None:
    assert right(growth_with("{meter: api_calls, limit: 1000, overage: refused}")) == Right(
        Decimal(1000), overage=False
    )
    assert right(growth_with("{meter: api_calls}")) == Right(None, overage=True)


def test_a_plan_gives_a_feature_or_does_not() -> None:
    with_sign_on = growth_with("{feature: single_sign_on}")

    assert right(with_sign_on, "single_sign_on") == Right(None, overage=True)
    assert right(with_sign_on, "audit_log") == Advice(decision=Decision.NOT_ENTITLED, reason=Reason.NOT_IN_PLAN)


def test_without_a_subscription_in_force_nothing_may_be_used() -> None:
    assert right(catalog(), instant=BEFORE_THE_CONTRACT) == Advice(
        decision=Decision.NOT_ENTITLED, reason=Reason.NO_ACTIVE_SUBSCRIPTION
    )


def test_limits_of_two_subscriptions_add_up() -> None:
    known = growth_with("{meter: api_calls, limit: 1000, overage: refused}")
    [growth] = known.plans
    more = MeterEntitlement(meter=MeterCode("api_calls"), limit=Decimal(500), overage=True)
    booster = replace(growth, plan_id=PlanId("booster"), charges=(), entitlements=(more,))
    acme = next(iter(accounts_of(known)))
    [contract] = acme.contracts
    boosted = replace(contract.subscriptions[0], plan_id=booster.plan_id)
    both = replace(acme, contracts=(replace(contract, subscriptions=(*contract.subscriptions, boosted)),))

    plans = {plan.plan_id: plan for plan in (growth, booster)}
    assert right_at(OCCURRED_AT, "api_calls", account=both, plans=plans) == Right(Decimal(1500), overage=True)


@pytest.mark.parametrize(
    ("used", "decision", "remaining"),
    [("0", "entitled", "100"), ("99.9", "entitled", "0.1"), ("100", "overage", "0"), ("250", "overage", "0")],
)
def test_beyond_the_limit_use_is_overage_where_that_is_allowed(used: str, decision: str, remaining: str) -> None:
    advice = advise(Right(Decimal(100), overage=True), Decimal(used))

    assert (advice.decision, advice.remaining) == (decision, Decimal(remaining))


def test_at_the_limit_use_is_refused_where_overage_is() -> None:
    assert advise(Right(Decimal(100), overage=False), Decimal(100)) == Advice(
        decision=Decision.NOT_ENTITLED,
        reason=Reason.LIMIT_REACHED,
        limit=Decimal(100),
        used=Decimal(100),
        remaining=Decimal(0),
    )


def window(
    state: AggregateState, dimensions: Dimensions = (), meter: str = "api_calls", number: int = 0
) -> WindowUsage:
    start = OCCURRED_AT.replace(minute=0, second=0) + number * timedelta(minutes=15)
    return WindowUsage(WindowKey(CustomerId("acme"), MeterCode(meter), start, dimensions), 1, state)


def test_usage_so_far_is_that_of_all_dimensions_and_of_the_meter_alone() -> None:
    windows = [
        window(CountState(3), (("region", "eu"),)),
        window(CountState(4), (("region", "us"),), number=1),
        window(SumState(Decimal(9)), meter="storage"),
    ]

    assert used_of(MeterCode("api_calls"), windows) == 7
    assert used_of(MeterCode("seats"), windows) == 0


def test_a_user_seen_twice_is_used_once() -> None:
    windows = [window(UniqueState(frozenset("ab"))), window(UniqueState(frozenset("bc")), number=1)]

    assert used_of(MeterCode("api_calls"), windows) == 3


def test_of_levels_what_counts_is_how_much_there_is_now() -> None:
    def level(value: int) -> LevelsState:
        return LevelsState((Level(OCCURRED_AT, "urn:acme", "1", Decimal(value)),))

    windows = [window(level(5), (("disk", "a"),)), window(level(2), (("disk", "b"),))]

    assert used_of(MeterCode("api_calls"), windows) == 7
