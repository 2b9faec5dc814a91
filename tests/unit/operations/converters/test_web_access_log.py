"""A web server's access log becomes two events a request, the same ones however often it is read."""

import json

import pytest

from operations.converters.usage_events import RefusedLine
from operations.converters.web_access_log import convert
from shared.contracts.usage_event.registry import read_record
from shared.domain.usage.event import UsageEvent

LINE = b'83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /a.png HTTP/1.1" 200 203023 "http://acme.example/" "Curl"\n'
COMMON = b'::1 - clara [31/Dec/2015:23:59:60 +0000] "GET / HTTP/1.1" 304 -\n'


def converted(*lines: bytes) -> tuple[list[dict[str, object]], list[RefusedLine]]:
    refused: list[RefusedLine] = []
    return list(convert(lines, source="www.acme.example", on_refused=refused.append)), refused


def test_a_request_is_one_request_and_its_bytes() -> None:
    (requests, egress), refused = converted(LINE)

    assert refused == []
    assert requests["subject"] == "83.149.9.216"
    assert requests["time"] == "2015-05-17T10:05:03Z"
    assert requests["data"] == {"meter": "requests", "quantity": "1"}
    assert egress["data"] == {"meter": "egress_bytes", "quantity": "203023"}
    assert requests["id"] != egress["id"]


def test_ingest_takes_what_comes_out() -> None:
    events, _ = converted(LINE, LINE)

    read = read_record(json.dumps(events).encode())

    assert [type(event) for event in read] == [UsageEvent] * 4


def test_no_size_is_no_bytes_and_an_offset_is_kept_in_mind() -> None:
    events, _ = converted(b'::1 - - [01/Jan/2016:00:30:00 +0100] "GET / HTTP/1.1" 304 -')

    assert events[1]["data"] == {"meter": "egress_bytes", "quantity": "0"}
    assert events[1]["time"] == "2015-12-31T23:30:00Z"


def test_equal_lines_are_different_requests_and_reading_again_changes_nothing() -> None:
    once, _ = converted(LINE, LINE)
    longer, _ = converted(LINE, COMMON.replace(b":60 ", b":59 "), LINE, LINE)

    ids = [event["id"] for event in once]
    assert len(set(ids)) == 4
    assert {event["id"] for event in longer} > set(ids)


def test_line_ends_do_not_change_an_identity() -> None:
    assert converted(LINE) == converted(LINE.replace(b"\n", b"\r\n")) == converted(LINE.rstrip(b"\n"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello\n", "format"),
        (COMMON, "does not exist"),
        (LINE.replace(b"17/May", b"31/Feb"), "does not exist"),
        (LINE.replace(b"May", b"Mai"), "not like"),
        (LINE.replace(b" 200 ", b" 999 "), "format"),
        (LINE.replace(b"203023", b"9" * 16), "below 1e15"),
        (LINE.replace(b"203023", b"2e5"), "format"),
        (LINE.replace(b"83.149.9.216", b"8" * 257), "256"),
        (LINE.replace(b"Curl", b"x" * 70_000), "bytes"),
        (LINE[:60], "format"),
    ],
)
def test_what_is_no_request_is_reported_with_its_line_number(line: bytes, reason: str) -> None:
    events, refused = converted(LINE, b"\n", line, LINE)

    assert len(events) == 4
    assert [item.number for item in refused] == [3]
    assert reason in refused[0].reason


@pytest.mark.parametrize(
    "line",
    [
        LINE.replace(b"GET /a.png", b'GET /\\"quoted\\"'),
        LINE.replace(b'"Curl"', b'"Curl "broken" agent'),
        LINE.replace(b"- - [", b"- clara vogt ["),
        LINE.replace(b"GET /a.png HTTP/1.1", b"\\x16\\x03\\x01"),
        LINE.replace(b"/a.png", "/ä.png".encode()),
        LINE.replace(b"83.149.9.216", b"crawler.example"),
    ],
)
def test_what_a_log_may_hold_besides_is_read(line: bytes) -> None:
    events, refused = converted(line)

    assert (len(events), refused) == (2, [])
