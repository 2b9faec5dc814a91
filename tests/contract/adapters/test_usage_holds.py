"""Every keeper of holds keeps them per customer, period and reason."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.usage_holds import DynamoUsageHolds
from shared.domain.identifiers import CustomerId, TenantId
from shared.ports.usage_holds import UsageHolds
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.fakes.in_memory_usage_holds import InMemoryUsageHolds

ACME, GLOBEX = CustomerId("acme"), CustomerId("globex")
CONFLICT, RECOUNT = "USAGE_CONFLICT:urn:acme:gateway call-1", "ARCHIVE_DOES_NOT_TIE:acme/2026-01 0a1b"


@pytest.fixture(params=["in memory", "dynamodb"])
def holds(request: pytest.FixtureRequest) -> Iterator[UsageHolds]:
    if request.param == "in memory":
        yield InMemoryUsageHolds()
        return
    with mock_aws():
        yield DynamoUsageHolds(aws.dynamodb(), create_table("ledger"), TenantId("acme-saas"))


def test_a_hold_keeps_one_customer_and_one_period(holds: UsageHolds) -> None:
    holds.place(ACME, "2026-01", CONFLICT)

    assert holds.reasons(ACME, "2026-01") == (CONFLICT,)
    assert holds.reasons(ACME, "2026-02") == ()
    assert holds.reasons(GLOBEX, "2026-01") == ()


def test_the_reasons_of_several_months_are_those_of_any_of_them(holds: UsageHolds) -> None:
    holds.place(ACME, "2026-01", CONFLICT)
    holds.place(ACME, "2026-02", CONFLICT)
    holds.place(ACME, "2026-03", RECOUNT)

    assert holds.reasons(ACME, "2026-01", "2026-02") == (CONFLICT,)
    assert holds.reasons(ACME, "2026-02", "2026-03") == (RECOUNT, CONFLICT)


def test_a_hold_placed_twice_is_one(holds: UsageHolds) -> None:
    holds.place(ACME, "2026-01", CONFLICT)
    holds.place(ACME, "2026-01", CONFLICT)

    assert holds.reasons(ACME, "2026-01") == (CONFLICT,)


def test_one_reason_released_leaves_the_other(holds: UsageHolds) -> None:
    holds.place(ACME, "2026-01", CONFLICT)
    holds.place(ACME, "2026-01", RECOUNT)
    holds.release(ACME, "2026-01", CONFLICT)
    holds.release(ACME, "2026-01", CONFLICT)

    assert holds.reasons(ACME, "2026-01") == (RECOUNT,)


def test_what_a_person_released_is_not_placed_again_by_the_next_bill_run(holds: UsageHolds) -> None:
    holds.place(ACME, "2026-01", CONFLICT)
    holds.release(ACME, "2026-01", CONFLICT)
    holds.place(ACME, "2026-01", CONFLICT)

    assert holds.reasons(ACME, "2026-01") == ()
    assert holds.held("2026-01") == {}


def test_everyone_held_in_a_period_can_be_listed(holds: UsageHolds) -> None:
    holds.place(ACME, "2026-01", CONFLICT)
    holds.place(ACME, "2026-01", RECOUNT)
    holds.place(GLOBEX, "2026-01", CONFLICT)
    holds.place(GLOBEX, "2026-02", CONFLICT)

    assert holds.held("2026-01") == {ACME: (RECOUNT, CONFLICT), GLOBEX: (CONFLICT,)}
