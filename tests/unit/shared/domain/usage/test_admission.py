"""Who may enter: 35 days back, 5 minutes ahead, measured from the record's arrival."""

from datetime import datetime, timedelta

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.master_data.customer import SINCE_ALWAYS
from shared.domain.metering.layout import BucketLayout
from shared.domain.usage.admission import AcceptanceHorizon, backfill_shard, judge_record
from shared.domain.usage.event import Delivery
from shared.domain.usage.rejection import Rejected
from tests.fakes.usage import ARRIVED_AT, SHARD, a_record, an_event

HORIZON = AcceptanceHorizon.of(days=35, future_seconds=300)
LAYOUT = BucketLayout.parse(
    '[{"version": 1, "valid_from": "1970-01-01T00:00:00Z", "groups": 4, "slice_minutes": 1440}]'
)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (timedelta(days=35), None),
        (timedelta(days=35) + MOMENT, ExceptionCode.EVENT_TOO_OLD),
        (timedelta(0), None),
        (-timedelta(minutes=5), None),
        (-timedelta(minutes=5) - MOMENT, ExceptionCode.EVENT_IN_THE_FUTURE),
    ],
)
def test_the_bounds_of_the_horizon_are_inside(age: timedelta, code: ExceptionCode | None) -> None:
    refusal = HORIZON.refusal(an_event(occurred_at=ARRIVED_AT - age), ARRIVED_AT)

    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("used_at", "code"),
    [
        (ARRIVED_AT - timedelta(days=3650), None),
        (SINCE_ALWAYS, None),
        (SINCE_ALWAYS - MOMENT, ExceptionCode.EVENT_TOO_OLD),
        (ARRIVED_AT + timedelta(minutes=5) + MOMENT, ExceptionCode.EVENT_IN_THE_FUTURE),
    ],
)
def test_a_backfill_may_be_of_any_age_that_the_ledger_has_a_place_for(
    used_at: datetime, code: ExceptionCode | None
) -> None:
    """One event from before 1970, which a lost time stamp makes, would stop a backfill that is closing for good."""
    refusal = HORIZON.of_shard(backfill_shard("gateway")).refusal(an_event(occurred_at=used_at), ARRIVED_AT)

    assert (refusal.code if refusal else None) == code
    assert code is not None or LAYOUT.home("acme", used_at)


def test_every_event_of_a_record_has_a_delivery_of_its_own() -> None:
    malformed = Rejected(code=ExceptionCode.MALFORMED_JSON, reason="cut off")
    event = an_event(event_id="call-2")
    old = an_event(occurred_at=ARRIVED_AT - timedelta(days=90))

    verdicts = list(
        judge_record(a_record(b"", sequence=7), read=lambda _, __: [malformed, event, old], horizon=HORIZON)
    )

    assert [delivery for delivery, _ in verdicts] == [Delivery(SHARD, "7", index) for index in range(3)]
    assert [verdict.code if isinstance(verdict, Rejected) else verdict for _, verdict in verdicts] == [
        ExceptionCode.MALFORMED_JSON,
        event,
        ExceptionCode.EVENT_TOO_OLD,
    ]
