"""Who may enter: 35 days back, 5 minutes ahead, measured from the record's arrival."""

from datetime import timedelta

import pytest

from shared.domain.exception_record import ExceptionCode
from shared.domain.usage.admission import AcceptanceHorizon, judge_record
from shared.domain.usage.event import Delivery
from shared.domain.usage.rejection import Rejected
from tests.fakes.usage import ARRIVED_AT, SHARD, a_record, an_event

HORIZON = AcceptanceHorizon.of(days=35, future_seconds=300)
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
