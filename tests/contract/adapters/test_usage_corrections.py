"""Every keeper of voids keeps each that is filed, and says of which buckets some stand."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.usage_corrections import DynamoUsageCorrections
from shared.domain.exception_record import ExceptionCode
from shared.domain.metering.standing_void import CorrectedBucket, Examined, StandingVoid, VoidState
from shared.ports.usage_corrections import UsageCorrections
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.corrections import a_void
from tests.builders.metered_usage import LAYOUT, NOON, TENANT
from tests.fakes.in_memory_usage_corrections import InMemoryUsageCorrections

BUCKET = LAYOUT.home("acme", NOON)
NEXT_DAY = LAYOUT.home("acme", NOON + timedelta(days=1))


@pytest.fixture(params=["in memory", "dynamodb"])
def corrections(request: pytest.FixtureRequest) -> Iterator[UsageCorrections]:
    if request.param == "in memory":
        yield InMemoryUsageCorrections()
        return
    with mock_aws():
        yield DynamoUsageCorrections(aws.dynamodb(), create_table("corrections"), TENANT)


def the_only(corrections: UsageCorrections) -> StandingVoid:
    (standing,) = corrections.standing(BUCKET)
    return standing


def test_a_void_that_is_filed_stands_as_it_was_said(corrections: UsageCorrections) -> None:
    filed = a_void("call-1", reason="counted by mistake — ½")
    corrections.file([filed])

    assert the_only(corrections) == StandingVoid(filed=(filed,))


def test_voids_of_one_original_stand_together_oldest_first(corrections: UsageCorrections) -> None:
    first, again = a_void("call-1", delivery=7), a_void("call-1", delivery=2, arrived_at=NOON + timedelta(hours=1))
    corrections.file([again, first])
    corrections.file([first])

    assert the_only(corrections).filed == (first, again)


def test_what_names_another_time_is_a_void_of_its_own(corrections: UsageCorrections) -> None:
    corrections.file([a_void("call-1", delivery=1), a_void("call-1", delivery=2, at=NOON + timedelta(seconds=1))])

    assert len(list(corrections.standing(BUCKET))) == 2


def test_each_filing_shows_at_its_bucket(corrections: UsageCorrections) -> None:
    corrections.file([a_void("call-1", delivery=1), a_void("call-2", delivery=2)])
    corrections.file([a_void("call-3", delivery=3, at=NOON + timedelta(days=1))])
    corrections.file([a_void("call-1", delivery=1)])

    assert list(corrections.corrected()) == [
        CorrectedBucket(bucket=BUCKET, filings=2),
        CorrectedBucket(bucket=NEXT_DAY, filings=1),
    ]


@pytest.mark.parametrize("again", [None, NOON + timedelta(days=2)])
def test_a_bucket_remembers_how_far_it_was_examined(corrections: UsageCorrections, again: None) -> None:
    corrections.file([a_void("call-1")])
    corrections.examined(BUCKET, Examined(filings=1, last_base=1, last_late=0, again=NOON))
    examined = Examined(filings=1, last_base=4, last_late=2, again=again)

    corrections.examined(BUCKET, examined)

    assert [one.examined for one in corrections.corrected()] == [examined]


def test_a_void_waits_is_told_of_and_is_applied_for_good(corrections: UsageCorrections) -> None:
    corrections.file([a_void("call-1")])
    corrections.mark(the_only(corrections), VoidState.WAITING, ExceptionCode.CORRECTION_WITHOUT_ORIGINAL)
    assert the_only(corrections).told is ExceptionCode.CORRECTION_WITHOUT_ORIGINAL

    corrections.mark(the_only(corrections), VoidState.APPLIED, None)
    corrections.mark(the_only(corrections), VoidState.WAITING, ExceptionCode.CORRECTION_WAITS)
    corrections.mark(the_only(corrections), VoidState.REFUSED, ExceptionCode.CORRECTION_REFUSED)

    assert (the_only(corrections).state, the_only(corrections).told) == (VoidState.APPLIED, None)


def test_a_forgotten_bucket_is_listed_no_more_and_stays_as_a_record(corrections: UsageCorrections) -> None:
    corrections.file([a_void("call-1")])

    corrections.forget(BUCKET)
    corrections.examined(BUCKET, Examined(filings=1, last_base=1, last_late=0, again=None))

    assert not list(corrections.corrected())
    assert the_only(corrections).filed == (a_void("call-1"),)


def test_many_voids_are_all_kept(corrections: UsageCorrections) -> None:
    filed = [a_void(f"call-{number}", delivery=number) for number in range(60)]
    corrections.file([*filed, replace(filed[0])])

    assert len(list(corrections.standing(BUCKET))) == 60
