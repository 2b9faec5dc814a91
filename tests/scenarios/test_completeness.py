"""The end of a month in which a source says how much it has sent, and another one never sends anything."""

import json
from collections.abc import Iterator

import pytest

from operations.u2c.books import Fate
from shared.domain.exception_record import ExceptionCode, ExceptionStatus
from tests.fakes.usage import heartbeat
from tests.scenarios.small_month import Played, SmallMonth, instant, usage

HEARTBEATS = (
    # Five events of that quarter of an hour, and all of them are here.
    heartbeat("2026-03-30T10:00:00Z", "2026-03-30T10:15:00Z", 5, source="/api", id="beat-1"),
    heartbeat("2026-03-30T10:00:00Z", "2026-03-30T10:15:00Z", 5, source="/api", id="beat-1"),
    # Only one of two ever arrives.
    heartbeat("2026-03-31T09:00:00Z", "2026-03-31T09:15:00Z", 2, source="/api", id="beat-2"),
    # It arrives days later, and nobody knows whose usage it is.
    heartbeat("2026-03-30T10:00:00Z", "2026-03-30T10:15:00Z", 1, source="/imports", id="beat-4"),
    # Nobody has listed this source.
    heartbeat("2026-03-31T09:00:00Z", "2026-03-31T09:15:00Z", 99, source="/strangers", id="beat-3"),
)
LATE = usage("late", "vandelay", source="/imports", arrivaltime="2026-04-03T05:00:00Z")
PRODUCERS = [
    {"source": "/api", "quiet_after_minutes": 10080, "completeness": "heartbeat", "owner": "api team"},
    {"source": "/imports", "quiet_after_minutes": 10080, "completeness": "heartbeat", "owner": "import team"},
    {"source": "/exports", "quiet_after_minutes": 60, "owner": "export team"},
]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    month = SmallMonth(tmp_path_factory.mktemp("completeness"), until=instant("2026-04-05T00:00:00"))
    month.catalog["producers"] = PRODUCERS
    month.lines = [*month.lines[:-1], *map(json.dumps, HEARTBEATS), json.dumps(LATE)]
    with month.played() as result:
        yield result


def told(played: Played, code: ExceptionCode) -> dict[str, ExceptionStatus]:
    return {record.subject: record.status for record in played.result.books.exceptions if record.code is code}


def test_what_was_missing_and_came_late_is_closed_and_what_never_came_is_open(played: Played) -> None:
    assert told(played, ExceptionCode.COUNT_MISSING) == {
        "/api 2026-03-31": ExceptionStatus.OPEN,
        "/imports 2026-03-30": ExceptionStatus.RESOLVED,
    }
    assert told(played, ExceptionCode.WRONG_HEARTBEAT) == {}


def test_a_source_that_never_sent_is_quiet_and_one_that_has_time_is_not(played: Played) -> None:
    assert told(played, ExceptionCode.PRODUCER_QUIET) == {"/exports": ExceptionStatus.OPEN}


def test_heartbeats_are_counted_apart_and_change_no_invoice(played: Played) -> None:
    assert played.result.books.count(Fate.HEARTBEAT) == len(HEARTBEATS)
    assert played.tie_out.is_settled
    assert {str(i.invoice_id): str(i.gross.amount) for i in played.result.books.invoices.values()} == {
        "c-acme/2026-03": "136.97",
        "c-initech/2026-03": "120.10",
    }
