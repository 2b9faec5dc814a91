"""Every keeper of creations lets one writer at a time create a customer, and nobody while one may still come."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.customer_creations import DynamoCustomerCreations
from shared.domain.identifiers import TenantId
from shared.domain.posting.customer_creation import Creation
from shared.ports.customer_creations import CustomerCreations
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.fakes.in_memory_customer_creations import InMemoryCustomerCreations

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
BOOKS = "acme/books"


@pytest.fixture(params=["in memory", "dynamodb"])
def creations(request: pytest.FixtureRequest) -> Iterator[CustomerCreations]:
    if request.param == "in memory":
        yield InMemoryCustomerCreations()
        return
    with mock_aws():
        yield DynamoCustomerCreations(aws.dynamodb(), create_table("postings"), TenantId("acme-saas"))


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def lasting(start: float, end: float) -> Creation:
    return Creation(began_at=at(start), until=at(end))


def begin(creations: CustomerCreations, creation: Creation, *, looked_up_at: float) -> Creation | None:
    return creations.begin(BOOKS, "ACME", creation, looked_up_at=at(looked_up_at))


def test_of_two_who_create_a_customer_one_begins_and_the_other_is_shown_it(creations: CustomerCreations) -> None:
    assert begin(creations, lasting(0, 30), looked_up_at=0) is None

    assert begin(creations, lasting(1, 31), looked_up_at=0.5) == lasting(0, 30)


def test_a_creation_that_nobody_ends_is_in_the_way_until_its_time_is_over(creations: CustomerCreations) -> None:
    begin(creations, lasting(0, 30), looked_up_at=0)

    assert begin(creations, lasting(29.99, 60), looked_up_at=29.99) == lasting(0, 30)
    assert begin(creations, lasting(30, 60), looked_up_at=30) is None
    assert begin(creations, lasting(31, 61), looked_up_at=31) == lasting(30, 60)


def test_a_look_up_from_before_the_end_of_a_creation_proves_nothing(creations: CustomerCreations) -> None:
    begin(creations, lasting(0, 30), looked_up_at=0)

    assert begin(creations, lasting(35, 65), looked_up_at=29) == lasting(0, 30)


@pytest.mark.parametrize("ends", [2, 18])
def test_a_creation_that_is_ended_stands_until_then(creations: CustomerCreations, ends: int) -> None:
    begin(creations, lasting(0, 30), looked_up_at=0)

    creations.end(BOOKS, "ACME", lasting(0, 30), at=at(ends))

    assert begin(creations, lasting(ends, ends + 30), looked_up_at=ends - 1) == lasting(0, ends)
    assert begin(creations, lasting(ends, ends + 30), looked_up_at=ends) is None


def test_who_ends_a_creation_too_late_ends_nobody_else_s(creations: CustomerCreations) -> None:
    begin(creations, lasting(0, 30), looked_up_at=0)
    begin(creations, lasting(30, 60), looked_up_at=30)

    creations.end(BOOKS, "ACME", lasting(0, 30), at=at(31))

    assert begin(creations, lasting(32, 62), looked_up_at=32) == lasting(30, 60)


def test_other_customers_and_other_connections_are_not_kept_waiting(creations: CustomerCreations) -> None:
    begin(creations, lasting(0, 30), looked_up_at=0)

    assert creations.begin(BOOKS, "GLOBEX", lasting(1, 31), looked_up_at=at(1)) is None
    assert creations.begin("acme/other", "ACME", lasting(1, 31), looked_up_at=at(1)) is None
