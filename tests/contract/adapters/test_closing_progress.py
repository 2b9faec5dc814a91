"""Every keeper of what closing remembers lets no slice be opened behind its back, and never goes back itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.closing_progress import DynamoClosingProgress
from shared.domain.identifiers import TenantId
from shared.domain.metering.closing import ClosingState
from shared.domain.metering.watermark import Barrier, Mark
from shared.ports.closing_progress import ClosingProgress
from shared.ports.metering_ledger import SliceRegister
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.fakes.in_memory_metering_ledger import InMemoryClosingProgress

DAY = datetime(2026, 1, 15, tzinfo=UTC)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


class Closing(ClosingProgress, SliceRegister, Protocol):
    """Both sides of one item."""


@pytest.fixture(params=["in memory", "dynamodb"])
def closing(request: pytest.FixtureRequest) -> Iterator[Closing]:
    if request.param == "in memory":
        yield InMemoryClosingProgress()
        return
    with mock_aws():
        yield DynamoClosingProgress(aws.dynamodb(), create_table("ledger"), TenantId("acme-saas"))


def test_nothing_is_known_at_first(closing: Closing) -> None:
    assert closing.state() == ClosingState()


def test_the_first_slice_is_the_earliest_that_was_opened(closing: Closing) -> None:
    assert closing.open_slice(DAY)
    assert closing.open_slice(AFTER)
    assert closing.open_slice(BEFORE)

    assert closing.state().first_slice == BEFORE


def test_no_slice_is_opened_before_the_first_once_closing_has_begun(closing: Closing) -> None:
    closing.open_slice(DAY)
    assert closing.seal_through(first_slice=DAY, sealed_through=AFTER)

    assert not closing.open_slice(BEFORE)
    assert closing.open_slice(DAY)
    assert closing.open_slice(AFTER)
    assert closing.state() == ClosingState(first_slice=DAY, sealed_through=AFTER)


def test_a_claim_that_misses_an_earlier_slice_is_refused(closing: Closing) -> None:
    closing.open_slice(DAY)
    closing.open_slice(BEFORE)

    assert not closing.seal_through(first_slice=DAY, sealed_through=AFTER)
    assert closing.state().sealed_through is None


def test_a_claim_may_be_made_again_and_never_goes_back(closing: Closing) -> None:
    closing.open_slice(DAY)
    for through in (AFTER, AFTER, DAY):
        assert closing.seal_through(first_slice=DAY, sealed_through=through)

    assert closing.state().sealed_through == AFTER


def test_the_barrier_is_kept_to_the_microsecond(closing: Closing) -> None:
    mark = Mark(usage_until=DAY + timedelta(microseconds=1), published_by=AFTER)
    barrier = Barrier(marks=(None, mark), complete_until=BEFORE)
    closing.open_slice(DAY)

    closing.remember(barrier)

    assert closing.state() == ClosingState(first_slice=DAY, barrier=barrier)


def test_one_overdue_slice_is_remembered_until_it_is_replaced(closing: Closing) -> None:
    assert closing.replace_overdue(None, DAY)
    assert closing.replace_overdue(None, DAY), "the client may try a call again"
    closing.remember(Barrier(complete_until=BEFORE))
    assert closing.state().overdue == DAY

    assert closing.replace_overdue(DAY, None)
    assert closing.replace_overdue(DAY, None)
    assert closing.state().overdue is None


def test_a_run_does_not_replace_what_another_run_remembers(closing: Closing) -> None:
    closing.replace_overdue(None, DAY)

    assert not closing.replace_overdue(None, BEFORE)
    assert not closing.replace_overdue(AFTER, None)
    assert closing.state().overdue == DAY


def test_another_environment_learns_that_closing_has_begun() -> None:
    with mock_aws():
        table = create_table("ledger")
        writer, closer = (DynamoClosingProgress(aws.dynamodb(), table, TenantId("acme-saas")) for _ in range(2))
        assert writer.open_slice(DAY)
        closer.seal_through(first_slice=DAY, sealed_through=AFTER)

        assert not writer.open_slice(BEFORE)
