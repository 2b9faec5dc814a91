"""Every sample of usage in events/ reads as its name says."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from operations.catalog.usage_contracts import LoadedContracts
from shared.contracts.usage_event.registry import ContractReader
from shared.domain.exception_record import ExceptionCode
from shared.domain.usage.correction import UsageVoid
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.rejection import Rejected
from shared.domain.usage.telemetry import Telemetry
from shared.domain.usage.verdict import Verdict

EVENTS = Path(__file__).parents[3] / "events"
CONTRACTS = LoadedContracts(EVENTS / "scenarios/demo/catalog").definitions
GOOD = {
    "usage-recorded-v1.json": 1,
    "usage-recorded-v2.json": 1,
    "usage-recorded-v2-defaults.json": 1,
    "usage-recorded-v2-batch.json": 2,
    "usage-recorded-transfer-v1.json": 1,
    "usage-recorded-transfer-v2.json": 1,
    "usage-amended.json": 1,
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
    "usage-recorded-transfer-v2-unknown-member.json": ExceptionCode.CONTRACT_VIOLATION,
    "usage-recorded-transfer-v2-huge-exponent.json": ExceptionCode.CONTRACT_VIOLATION,
    "usage-voided-no-reason.json": ExceptionCode.CONTRACT_VIOLATION,
    "usage-recorded-transfer-v3-draft.json": ExceptionCode.UNKNOWN_CONTRACT_VERSION,
}
TELEMETRY = {
    "usage-recorded-gateway-health-v1.json": None,
    "usage-recorded-gateway-health-v1-negative.json": ExceptionCode.CONTRACT_VIOLATION,
}
ARRIVED_AT = datetime(2026, 3, 15, 10, 8, tzinfo=UTC)
VOID = "usage-voided.json"
MIXED = "usage-recorded-v2-batch-with-a-bad-member.json"


def read_sample(name: str, *, arrived_at: datetime = ARRIVED_AT) -> Sequence[Verdict]:
    return ContractReader(CONTRACTS)((EVENTS / name).read_bytes(), arrived_at)


def test_every_sample_is_named_here() -> None:
    assert {path.name for path in EVENTS.glob("usage-*.json")} == {*GOOD, *BAD, *TELEMETRY, MIXED, VOID}


@pytest.mark.parametrize(("name", "events"), GOOD.items())
def test_good_samples_read_as_events(name: str, events: int) -> None:
    read = read_sample(name)

    assert [type(event) for event in read] == [UsageEvent] * events


@pytest.mark.parametrize(("name", "code"), BAD.items())
def test_bad_samples_are_refused_with_a_code_and_a_reason(name: str, code: ExceptionCode) -> None:
    (rejected,) = read_sample(name)

    assert isinstance(rejected, Rejected)
    assert (rejected.code, bool(rejected.reason)) == (code, True)


def test_one_bad_member_of_a_batch_blocks_no_other() -> None:
    first, bad, last = read_sample(MIXED)

    assert (type(first), type(bad), type(last)) == (UsageEvent, Rejected, UsageEvent)


@pytest.mark.parametrize(("name", "fault"), TELEMETRY.items())
def test_telemetry_is_no_usage_and_no_exception_even_when_it_breaks_its_contract(
    name: str, fault: ExceptionCode | None
) -> None:
    (telemetry,) = read_sample(name)

    assert isinstance(telemetry, Telemetry)
    assert (telemetry.contract, telemetry.fault) == ("gateway_health:1", fault)


def test_old_and_new_samples_measure_the_same() -> None:
    (old,), (new,) = read_sample("usage-recorded-transfer-v1.json"), read_sample("usage-recorded-transfer-v2.json")

    assert isinstance(old, UsageEvent)
    assert isinstance(new, UsageEvent)
    assert (old.meter, old.quantity, old.dimensions) == (new.meter, new.quantity, new.dimensions)
    assert (old.contract, new.contract) == ("transfer:1", "transfer:2")


def test_the_deprecated_sample_is_refused_from_its_day_on() -> None:
    (refused,) = read_sample("usage-recorded-transfer-v1.json", arrived_at=datetime(2026, 9, 1, tzinfo=UTC))

    assert isinstance(refused, Rejected)
    assert refused.code is ExceptionCode.RETIRED_CONTRACT_VERSION


def test_corrections_name_the_event_that_they_correct() -> None:
    (void,), (amending,), (original,) = map(read_sample, (VOID, "usage-amended.json", "usage-recorded-v2.json"))

    assert isinstance(void, UsageVoid)
    assert isinstance(amending, UsageEvent)
    assert isinstance(original, UsageEvent)
    assert amending.amends is not None
    for corrected in (void.original, amending.amends.original):
        assert (corrected.source, corrected.event_id) == (original.source, original.event_id)
        assert (corrected.subject, corrected.occurred_at) == (original.subject, original.occurred_at)
