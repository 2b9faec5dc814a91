"""Usage over HTTP: every event is answered, and accepted means that the stream has it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.accept_usage.use_case import accept_usage
from shared.contracts.usage_event.json_members import members_of
from shared.contracts.usage_event.registry import read_record
from shared.domain.exception_record import ExceptionCode
from shared.domain.usage.admission import AcceptanceHorizon
from shared.domain.usage.intake import Accepted, Answer, Unconfirmed
from shared.domain.usage.rejection import Rejected
from tests.fakes.in_memory_usage_intake import InMemoryUsageIntake

RECEIVED_AT = datetime(2026, 1, 15, 10, 8, tzinfo=UTC)
GROUPS = {"acme": 0, "globex": 1}


def call(event_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "urn:acme:gateway",
        "type": "usage.recorded",
        "subject": "acme",
        "time": "2026-01-15T10:07:31Z",
        "dataschema": "urn:usage-contract:usage:2",
        "data": {"meter": "api_calls", "quantity": 25},
    } | changes


def texts_of(body: bytes) -> Iterator[bytes]:
    return (member.text for member in members_of(body))


def answered(body: str, intake: InMemoryUsageIntake) -> list[Answer]:
    return list(
        accept_usage(
            body.encode(),
            received_at=RECEIVED_AT,
            cut=texts_of,
            read=read_record,
            horizon=AcceptanceHorizon(past=timedelta(days=35), future=timedelta(minutes=5)),
            home_group=lambda subject, _: GROUPS[subject],
            usage_events=intake,
        )
    )


def accepted(event_id: str) -> Accepted:
    return Accepted(source="urn:acme:gateway", event_id=event_id)


def test_a_batch_is_accepted_and_reaches_the_stream_as_it_was_sent() -> None:
    intake = InMemoryUsageIntake()
    body = f"[ {json.dumps(call('one'))} , {json.dumps(call('two', subject='globex'))} ]"

    assert answered(body, intake) == [accepted("one"), accepted("two")]
    assert [(json.loads(raw.text), raw.group) for raw in intake.taken] == [
        (call("one"), 0),
        (call("two", subject="globex"), 1),
    ]


def test_a_single_event_is_a_body_of_its_own() -> None:
    intake = InMemoryUsageIntake()

    assert answered(json.dumps(call("one")), intake) == [accepted("one")]
    assert len(intake.taken) == 1


def test_bad_events_are_refused_by_name_and_keep_no_other_back() -> None:
    intake = InMemoryUsageIntake()
    negative = call("two", data={"meter": "api_calls", "quantity": -1})

    answers = answered(json.dumps([call("one"), negative, [call("nested")], call("three")]), intake)

    assert [type(answer) for answer in answers] == [Accepted, Rejected, Rejected, Accepted]
    assert answers[1] == Rejected(
        code=ExceptionCode.INVALID_QUANTITY,
        reason="data.quantity is negative",
        source="urn:acme:gateway",
        event_id="two",
        contract="usage:2",
        occurred_at=datetime(2026, 1, 15, 10, 7, 31, tzinfo=UTC),
    )
    assert [json.loads(raw.text)["id"] for raw in intake.taken] == ["one", "three"]


def test_what_ingest_would_refuse_for_its_time_is_refused_here() -> None:
    intake = InMemoryUsageIntake()

    (old, early) = answered(
        json.dumps([call("old", time="2025-12-01T00:00:00Z"), call("early", time="2026-01-15T11:00:00Z")]), intake
    )

    assert isinstance(old, Rejected)
    assert isinstance(early, Rejected)
    assert (old.code, early.code) == (ExceptionCode.EVENT_TOO_OLD, ExceptionCode.EVENT_IN_THE_FUTURE)
    assert intake.taken == []


def test_an_event_that_the_stream_did_not_confirm_is_to_be_sent_again() -> None:
    intake = InMemoryUsageIntake(GROUPS["globex"])

    answers = answered(json.dumps([call("one"), call("two", subject="globex"), call("three")]), intake)

    assert answers == [
        accepted("one"),
        Unconfirmed(source="urn:acme:gateway", event_id="two"),
        accepted("three"),
    ]


def test_events_before_a_break_in_the_batch_are_taken_and_the_break_is_told() -> None:
    intake = InMemoryUsageIntake()

    answers = answered(f"[{json.dumps(call('one'))},{json.dumps(call('two'))[:-5]}", intake)

    assert answers[0] == accepted("one")
    assert isinstance(answers[1], Rejected)
    assert answers[1].code is ExceptionCode.MALFORMED_JSON


def test_a_batch_may_be_empty() -> None:
    assert answered("[]", InMemoryUsageIntake()) == []
