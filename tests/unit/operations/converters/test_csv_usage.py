"""A CSV file becomes one event per row and meter, named by the row's number."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from operations.converters.command import UnusableFileError
from operations.converters.csv_usage import CsvColumns, convert
from operations.converters.usage_events import RefusedLine
from shared.contracts.usage_event.registry import read_record
from shared.domain.usage.event import UsageEvent

HEADING = "\ufeffTIMESTAMP,ContextTokens,GeneratedTokens,who\r\n"
ROW = "2023-11-16 18:17:03.9799600,4808,10,acme\r\n"
COLUMNS = CsvColumns(
    time="TIMESTAMP",
    meters={"input_tokens": "ContextTokens", "output_tokens": "GeneratedTokens"},
    subject_column="who",
)


def converted(*lines: str, columns: CsvColumns = COLUMNS) -> tuple[list[dict[str, Any]], list[RefusedLine]]:
    refused: list[RefusedLine] = []
    return list(convert(lines, columns, source="llm-gateway", on_refused=refused.append)), refused


def test_a_row_is_one_event_for_each_meter() -> None:
    events, refused = converted(HEADING, ROW)

    assert refused == []
    assert [(event["id"], event["subject"], event["time"], event["data"]) for event in events] == [
        ("row-1/input_tokens", "acme", "2023-11-16T18:17:03.979960Z", {"meter": "input_tokens", "quantity": "4808"}),
        ("row-1/output_tokens", "acme", "2023-11-16T18:17:03.979960Z", {"meter": "output_tokens", "quantity": "10"}),
    ]


def test_ingest_takes_what_comes_out() -> None:
    events, _ = converted(HEADING, ROW, ROW.replace("4808", "0.000000000000000001"))

    assert [type(event) for event in read_record(json.dumps(events).encode())] == [UsageEvent] * 4


def test_one_name_can_stand_for_all_rows_and_a_zone_for_all_times() -> None:
    columns = CsvColumns(
        time="TIMESTAMP", meters={"calls": "GeneratedTokens"}, subject="acme", zone=ZoneInfo("Asia/Tokyo")
    )

    events, _ = converted(HEADING, ROW, ROW.replace("9799600", "97996+00:00"), columns=columns)

    assert [event["time"] for event in events] == ["2023-11-16T09:17:03.979960Z", "2023-11-16T18:17:03.979960Z"]


def test_ids_stay_when_the_file_grows() -> None:
    shorter, _ = converted(HEADING, ROW, "\r\n", ROW)
    longer, _ = converted(HEADING, ROW, "\r\n", ROW, ROW)

    assert longer[: len(shorter)] == shorter
    assert shorter[-1]["id"] == "row-3/output_tokens"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW.replace("4808", "many"), "ContextTokens is no number"),
        (ROW.replace("4808", ""), "ContextTokens is no number"),
        (ROW.replace("4808", "NaN"), "at least 0"),
        (ROW.replace("4808", "-1"), "at least 0"),
        (ROW.replace("4808", "1e15"), "below 1e15"),
        (ROW.replace("4808", "0.0000000000000000001"), "18 decimals"),
        (ROW.replace("2023-11-16", "16.11.2023"), "time"),
        (ROW.replace("acme", ""), "subject"),
        (ROW.replace("acme", "ac\udce4me"), "subject"),
        (ROW.replace(",acme", ""), "3 fields under 4 columns"),
        ('"2023-11-16" x,1,1,acme\r\n', "expected after"),
    ],
)
def test_a_row_with_a_fault_is_reported_whole_with_its_line(row: str, reason: str) -> None:
    events, refused = converted(HEADING, ROW, row, ROW)

    assert [event["id"] for event in events[::2]] == ["row-1/input_tokens", "row-3/input_tokens"]
    assert [item.number for item in refused] == [3]
    assert reason in refused[0].reason


def test_a_quote_that_never_closes_says_how_far_it_runs() -> None:
    events, refused = converted(HEADING, ROW, '"2023-11-16,1,1,acme\r\n', ROW, ROW)

    assert len(events) == 2
    assert [(item.number, "runs to line 5" in item.reason) for item in refused] == [(3, True)]


@pytest.mark.parametrize("lines", [(), ("TIMESTAMP,ContextTokens\r\n",)])
def test_a_heading_without_the_columns_stops_everything(lines: tuple[str, ...]) -> None:
    with pytest.raises(UnusableFileError, match="heading"):
        converted(*lines)


@pytest.mark.parametrize("names", [{}, {"subject": "acme", "subject_column": "who"}])
def test_who_used_it_is_said_once(names: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="either"):
        CsvColumns(time="TIMESTAMP", meters={}, **names)  # type: ignore[arg-type]
