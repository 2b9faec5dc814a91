"""Every event has one home, also when the layout changes."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import Bucket, BucketLayout, InvalidLayoutError, LayoutVersion, late_key
from shared.domain.time_period import Period

MAY = datetime(2026, 5, 1, tzinfo=UTC)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def version(number: int, valid_from: datetime = LONG_AGO, *, groups: int = 4, length: timedelta = DAY) -> LayoutVersion:
    return LayoutVersion(version=number, valid_from=valid_from, groups=groups, slice_length=length)


DAYS_THEN_HOURS = BucketLayout((version(1), version(2, MAY, groups=2, length=HOUR)))


def test_the_setting_is_read_as_it_is_deployed() -> None:
    text = '[{"version":1,"valid_from":"1970-01-01T00:00:00.000000Z","groups":4,"slice_minutes":1440}]'

    assert list(BucketLayout.parse(text).versions_in(Period(MAY, None))) == [version(1)]


def test_keys_name_tenant_version_group_and_slice() -> None:
    bucket = Bucket(1, 3, MAY)

    assert bucket.key(TenantId("acme-saas")) == "acme-saas#1#3#2026-05-01T00:00:00.000000Z"
    assert late_key(TenantId("acme-saas"), 1, 3) == "acme-saas#1#3#late"


def test_the_group_of_a_subject_is_pinned_for_ever() -> None:
    """Other groups for usage that is counted already would count its repeats again."""
    assert [version(1).group_of(subject) for subject in ("acme", "globex", "initech", "zażółć")] == [1, 2, 0, 1]


def test_the_layout_in_force_is_that_of_the_event_time() -> None:
    before, after = (DAYS_THEN_HOURS.home("acme", instant) for instant in (MAY - timedelta(microseconds=1), MAY))

    assert (before.version, before.slice_start) == (1, MAY - DAY)
    assert (after.version, after.slice_start) == (2, MAY)


def test_slices_follow_each_other_without_gap_through_a_change() -> None:
    slices = list(DAYS_THEN_HOURS.slices(Period(MAY - HOUR, MAY + 2 * HOUR)))

    assert [(found.start, found.end) for found in slices] == [
        (MAY - DAY, MAY),
        (MAY, MAY + HOUR),
        (MAY + HOUR, MAY + 2 * HOUR),
    ]
    assert [len(found.buckets) for found in slices] == [4, 2, 2]


def test_versions_of_a_period_are_those_in_force_in_it() -> None:
    def numbers(period: Period) -> list[int]:
        return [found.version for found in DAYS_THEN_HOURS.versions_in(period)]

    assert numbers(Period(MAY - DAY, MAY)) == [1]
    assert numbers(Period(MAY, None)) == [2]
    assert numbers(Period(MAY - DAY, MAY + DAY)) == [1, 2]


@pytest.mark.parametrize(
    "versions",
    [
        (),
        (version(1), version(1, MAY)),
        (version(1, groups=0),),
        (version(1, length=timedelta(minutes=20)),),
        (version(1), version(2, MAY + HOUR, length=HOUR)),
        (version(1), version(2, MAY, length=timedelta(days=7))),
    ],
    ids=["none", "one number twice", "no groups", "cut windows", "change within an old slice", "within a new slice"],
)
def test_a_layout_that_gives_two_homes_or_none_is_refused(versions: tuple[LayoutVersion, ...]) -> None:
    with pytest.raises(InvalidLayoutError):
        BucketLayout(versions)


def test_no_layout_is_no_home() -> None:
    layout = BucketLayout((version(1, MAY),))

    with pytest.raises(InvalidLayoutError):
        layout.home("acme", MAY - HOUR)
