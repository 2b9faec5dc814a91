import json
from datetime import UTC, datetime
from typing import Any

import pytest

from operations.local.clock import SimulatedClock
from operations.local.event_bus import EventBus, EventRule, EventTarget

NOW = datetime(2026, 2, 1, 6, tzinfo=UTC)
FAILED = {"source": ["aws.states"], "detail": {"status": ["FAILED", "ABORTED"]}}


def published(pattern: dict[str, Any], template: str | None = None, **detail: Any) -> list[Any]:
    sent: list[Any] = []
    paths = {"name": "$.detail.name", "count": "$.detail.count", "gone": "$.detail.gone.far", "time": "$.time"}
    target = EventTarget(queue_arn="exceptions", input_paths=paths, input_template=template)
    rule = EventRule(pattern=pattern, targets=[target])
    bus = EventBus([rule], SimulatedClock(NOW), "123456789012", "eu-central-1", lambda _, text: sent.append(text))
    bus.publish(source="aws.states", detail_type="Status Change", resources=[], detail=detail)
    return [json.loads(text) for text in sent]


def test_a_matching_event_is_sent_whole() -> None:
    (event,) = published(FAILED, status="FAILED")

    assert (event["source"], event["detail-type"], event["time"]) == (
        "aws.states",
        "Status Change",
        "2026-02-01T06:00:00Z",
    )
    assert event["detail"] == {"status": "FAILED"}


def test_other_events_are_not_sent() -> None:
    assert published(FAILED, status="SUCCEEDED") == []


@pytest.mark.parametrize(
    ("rule", "template", "message"),
    [
        ("a text on its own is quoted", '{"subject": <name>}', {"subject": 'acme "EU"'}),
        ("a number on its own is a number", '{"count": <count>}', {"count": 3}),
        ("a text inside a text is inserted", '{"id": "FAILED:<name>"}', {"id": 'FAILED:acme "EU"'}),
        ("a number inside a text is inserted", '{"id": "n<count>"}', {"id": "n3"}),
        ("an escaped quotation mark ends no text", '{"id": "\\"<name>"}', {"id": '"acme "EU"'}),
        ("what no path names stays", '{"id": "<other>"}', {"id": "<other>"}),
        ("what the event lacks is null", '{"id": <gone>}', {"id": None}),
        ("the time is a text", '{"at": <time>}', {"at": "2026-02-01T06:00:00Z"}),
    ],
)
def test_input_templates(rule: str, template: str, message: dict[str, Any]) -> None:
    assert published({"source": ["aws.states"]}, template, name='acme "EU"', count=3) == [message], rule
