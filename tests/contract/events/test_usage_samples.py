"""Every sample of usage in events/ reads as its name says."""

from pathlib import Path

import pytest

from shared.contracts.usage_event.registry import read_record
from shared.domain.exception_record import ExceptionCode
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.rejection import Rejected

EVENTS = Path(__file__).parents[3] / "events"
GOOD = {
    "usage-recorded-v1.json": 1,
    "usage-recorded-v2.json": 1,
    "usage-recorded-v2-defaults.json": 1,
    "usage-recorded-v2-batch.json": 2,
}
BAD = {
    "usage-recorded-v2-nan.json": ExceptionCode.INVALID_QUANTITY,
    "usage-recorded-v2-huge-exponent.json": ExceptionCode.INVALID_QUANTITY,
    "usage-recorded-v2-negative.json": ExceptionCode.INVALID_QUANTITY,
    "usage-recorded-v2-duplicate-key.json": ExceptionCode.MALFORMED_JSON,
    "usage-recorded-v2-truncated.json": ExceptionCode.MALFORMED_JSON,
    "usage-recorded-v2-unknown-version.json": ExceptionCode.UNKNOWN_CONTRACT_VERSION,
    "usage-recorded-v2-no-source.json": ExceptionCode.NOT_A_CLOUD_EVENT,
    "usage-recorded-v2-no-meter.json": ExceptionCode.CONTRACT_VIOLATION,
    "usage-recorded-v2-time-without-offset.json": ExceptionCode.CONTRACT_VIOLATION,
    "usage-recorded-v2-too-deep.json": ExceptionCode.PAYLOAD_TOO_DEEP,
    "usage-recorded-v2-lone-surrogate.json": ExceptionCode.CONTRACT_VIOLATION,
}
MIXED = "usage-recorded-v2-batch-with-a-bad-member.json"


def test_every_sample_is_named_here() -> None:
    assert {path.name for path in EVENTS.glob("usage-*.json")} == {*GOOD, *BAD, MIXED}


@pytest.mark.parametrize(("name", "events"), GOOD.items())
def test_good_samples_read_as_events(name: str, events: int) -> None:
    read = read_record((EVENTS / name).read_bytes())

    assert [type(event) for event in read] == [UsageEvent] * events


@pytest.mark.parametrize(("name", "code"), BAD.items())
def test_bad_samples_are_refused_with_a_code_and_a_reason(name: str, code: ExceptionCode) -> None:
    (rejected,) = read_record((EVENTS / name).read_bytes())

    assert isinstance(rejected, Rejected)
    assert (rejected.code, bool(rejected.reason)) == (code, True)


def test_one_bad_member_of_a_batch_blocks_no_other() -> None:
    first, bad, last = read_record((EVENTS / MIXED).read_bytes())

    assert (type(first), type(bad), type(last)) == (UsageEvent, Rejected, UsageEvent)
