"""Parked usage goes on when its master data arrives, and its exception is closed when nothing of it waits."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.release_parked_usage.use_case import ParkedUsageReleaser
from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CatalogVersion, MeterCode
from shared.domain.master_data.customer import ALWAYS
from shared.domain.time_period import Period
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.parked import ParkedEvent, ParkedGroup
from tests.builders.catalog import FIRST_VERSION, SECOND_VERSION, accepted, catalog, catalog_with_wayne
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.in_memory_parked_usage import InMemoryParkedUsage
from tests.fakes.in_memory_parked_usage_releases import InMemoryParkedUsageReleases
from tests.fakes.in_memory_usage_streams import InMemoryUsageStreams

PARKED_AT = datetime(2026, 3, 15, 10, 8, tzinfo=UTC)
RELEASED_AT = datetime(2026, 3, 20, tzinfo=UTC)
WAYNE = "UNKNOWN_CUSTOMER:wayne/api_calls"


class StandingClock:
    def now(self) -> datetime:
        return RELEASED_AT


class Release:
    """The use case with everything it needs in memory; wayne is entered with the second version."""

    def __init__(
        self, version: CatalogVersion = SECOND_VERSION, most: int = 100, parked: InMemoryParkedUsage | None = None
    ) -> None:
        self.parked = parked or InMemoryParkedUsage()
        self.streams = InMemoryUsageStreams()
        self.releases = InMemoryParkedUsageReleases()
        self.reporter = InMemoryExceptionReporter()
        master_data = InMemoryMasterData()
        master_data.write(version, catalog_with_wayne() if version == SECOND_VERSION else catalog())
        master_data.publish(version)
        self.releaser = ParkedUsageReleaser(
            master_data=master_data,
            parked=self.parked,
            accepted_usage=self.streams,
            releases=self.releases,
            reporter=self.reporter,
            clock=StandingClock(),
            most=most,
        )

    def park(
        self, *usage: AcceptedUsage, code: ExceptionCode = ExceptionCode.UNKNOWN_CUSTOMER, attempt: str = "1"
    ) -> datetime:
        events = [ParkedEvent(usage=one, code=code, reason="nobody", attempt=attempt) for one in usage]
        return max(self.parked.park(events, PARKED_AT).values())

    def waiting(self) -> dict[str, int]:
        return {group.exception_id: count for group, count in self.parked.counts().items()}


def test_usage_goes_back_as_it_was_accepted_and_its_exception_is_closed() -> None:
    release = Release()
    usage = accepted(1, subject="wayne")
    release.park(usage)

    assert release.releaser.release() == 1

    assert release.streams.accepted == [usage]
    assert release.waiting() == {}
    assert release.reporter.resolved == {WAYNE: f"released by master data {SECOND_VERSION}"}


def test_what_master_data_still_does_not_explain_waits_on() -> None:
    release = Release(FIRST_VERSION)
    release.park(accepted(1, subject="wayne"))

    assert release.releaser.release() == 0

    assert release.streams.accepted == []
    assert release.waiting() == {WAYNE: 1}
    assert release.reporter.resolved == {}


def test_usage_that_now_waits_for_another_reason_is_told_under_that_reason() -> None:
    release = Release()
    release.park(accepted(1, subject="wayne", meter="gpu_hours"))

    release.releaser.release()

    assert len(release.streams.accepted) == 1  # enrichment parks it again, as an unknown meter
    assert list(release.reporter.resolved) == ["UNKNOWN_CUSTOMER:wayne/gpu_hours"]


def test_what_waits_for_one_meter_goes_back_for_that_meter_alone() -> None:
    release = Release()  # whose catalogue counts all calls, and knows no traffic any more
    waiting = [replace(accepted(1), for_meter=MeterCode(meter)) for meter in ("api_calls", "traffic")]
    release.park(*waiting, code=ExceptionCode.UNMEASURABLE_USAGE)

    release.releaser.release()

    assert {usage.for_meter for usage in release.streams.accepted} == {"api_calls", "traffic"}
    assert set(release.reporter.resolved) == {"UNMEASURABLE_USAGE:acme/api_calls", "UNMEASURABLE_USAGE:acme/traffic"}


def test_a_group_of_which_something_waits_keeps_its_exception() -> None:
    release = Release()
    before_the_contract = accepted(2, occurred_at=datetime(2025, 12, 1, tzinfo=UTC))
    release.park(accepted(1), before_the_contract, code=ExceptionCode.NO_ACTIVE_SUBSCRIPTION)

    release.releaser.release()

    assert release.waiting() == {"NO_ACTIVE_SUBSCRIPTION:acme/api_calls": 1}
    assert release.reporter.resolved == {}


def test_a_release_that_is_asked_for_again_does_nothing_more() -> None:
    release = Release()
    release.park(accepted(1, subject="wayne"))
    release.releaser.release()

    assert release.releaser.release() == 0

    assert len(release.streams.accepted) == 1


def test_a_run_is_bounded_and_asks_for_the_next() -> None:
    release = Release(most=500)
    release.park(*(accepted(number, subject="wayne") for number in range(1_100)))

    assert release.releaser.release() == 500
    assert release.releases.requested == [SECOND_VERSION]
    assert release.reporter.resolved == {}

    assert release.releaser.release() == 500
    assert release.releaser.release() == 100
    assert release.waiting() == {}
    assert list(release.reporter.resolved) == [WAYNE]


def test_what_is_parked_again_after_its_release_is_raised_anew() -> None:
    release = Release()
    usage = accepted(1, subject="wayne")
    assert release.park(usage) == PARKED_AT
    release.releaser.release()

    raised_at = release.park(usage, attempt="2")

    assert raised_at > RELEASED_AT
    assert release.waiting() == {WAYNE: 1}


def test_what_is_parked_while_a_group_is_settled_keeps_its_exception_open() -> None:
    release = Release()
    release.park(accepted(1, subject="wayne"))
    (as_read,) = release.parked.open_groups()
    release.park(accepted(2, subject="wayne"), attempt="2")

    assert release.parked.settle(as_read, RELEASED_AT) is None


def test_before_any_catalogue_nothing_is_looked_at() -> None:
    release = Release()
    releaser = ParkedUsageReleaser(
        master_data=InMemoryMasterData(),
        parked=release.parked,
        accepted_usage=release.streams,
        releases=release.releases,
        reporter=release.reporter,
        clock=StandingClock(),
    )
    release.park(accepted(1, subject="wayne", occurred_at=PARKED_AT - timedelta(days=1)))

    assert releaser.release() == 0


class WatchedParkedUsage(InMemoryParkedUsage):
    """Parked usage that notes of which groups events were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def parked(self, group: ParkedGroup, within: Period) -> Iterator[ParkedEvent]:
        self.read.append(group.exception_id)
        return super().parked(group, within)

    def waits(self, group: ParkedGroup) -> bool:
        return any(True for _ in super().parked(group, ALWAYS))


def test_only_groups_that_the_version_may_resolve_are_read() -> None:
    watched = WatchedParkedUsage()
    release = Release(parked=watched)
    for subject in ("wayne", "vandelay", "initech"):
        release.park(accepted(1, subject=subject), accepted(2, subject=subject, meter="gpu_hours"))
    release.park(accepted(3, meter="gpu_hours"), code=ExceptionCode.UNKNOWN_METER)

    assert release.releaser.release() == 2

    assert set(watched.read) == {WAYNE, "UNKNOWN_CUSTOMER:wayne/gpu_hours"}


def test_of_a_group_only_times_are_read_in_which_somebody_pays() -> None:
    release = Release()
    release.park(
        accepted(1, occurred_at=datetime(2025, 12, 1, tzinfo=UTC)),
        accepted(2, occurred_at=datetime(2026, 3, 1, tzinfo=UTC)),
        accepted(3, occurred_at=datetime(2027, 3, 1, tzinfo=UTC)),
        code=ExceptionCode.NO_ACTIVE_SUBSCRIPTION,
    )

    release.releaser.release()

    assert [usage.event.event_id for usage in release.streams.accepted] == ["call-2"]
    assert release.waiting() == {"NO_ACTIVE_SUBSCRIPTION:acme/api_calls": 2}


def test_usage_goes_back_in_the_order_in_which_it_happened() -> None:
    release = Release()
    release.park(
        *(
            accepted(number, subject="wayne", occurred_at=PARKED_AT - timedelta(hours=hours))
            for number, hours in enumerate((5, 1, 3, 2, 4))
        )
    )

    release.releaser.release()

    times = [usage.event.occurred_at for usage in release.streams.accepted]
    assert times == sorted(times)
    assert len(times) == 5


def test_usage_that_waited_longer_than_the_horizon_keeps_its_verdict_and_its_arrival() -> None:
    release = Release()
    usage = accepted(1, subject="wayne", occurred_at=RELEASED_AT - timedelta(days=60))
    release.park(usage)

    release.releaser.release()

    assert release.streams.accepted == [usage]


class EnvironmentDied(BaseException):
    """No `except Exception` outlives it."""


class DiesAt:
    """Counts calls of any port, and dies before or after one of them."""

    def __init__(self, number: int, *, after: bool) -> None:
        self.left = number
        self._after = after

    def around(self, port: object) -> Any:
        return _Watched(port, self)

    def call(self, work: Callable[[], Any]) -> Any:
        self.left -= 1
        if self.left == 0 and not self._after:
            raise EnvironmentDied
        answer = work()
        if self.left == 0:
            raise EnvironmentDied
        return answer


class _Watched:
    def __init__(self, port: object, death: DiesAt) -> None:
        self._port = port
        self._death = death

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        return lambda *arguments: self._death.call(lambda: method(*arguments))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whatever_call_is_the_last_every_event_goes_back_and_counts_once(*, after: bool) -> None:
    """Killed at each call in turn and asked again, as the queue does, until a run dies nowhere."""
    for number in range(1, 100):
        release, death = Release(), DiesAt(number, after=after)
        release.park(*(accepted(one, subject="wayne") for one in range(3)))
        release.park(*(accepted(one, subject="wayne", meter="gpu_hours") for one in range(3, 5)))
        dying = replace(
            release.releaser,
            master_data=death.around(release.releaser.master_data),
            parked=death.around(release.parked),
            accepted_usage=death.around(release.streams),
            reporter=death.around(release.reporter),
        )
        with suppress(EnvironmentDied):
            dying.release()
        release.releaser.release()

        assert len({usage.fingerprint for usage in release.streams.accepted}) == 5, number
        assert release.waiting() == {}
        assert set(release.reporter.resolved) == {WAYNE, "UNKNOWN_CUSTOMER:wayne/gpu_hours"}
        assert list(release.parked.open_groups()) == []
        if death.left > 0:
            return
    raise AssertionError("a run never came to its end")
