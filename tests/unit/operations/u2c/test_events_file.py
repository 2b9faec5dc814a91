"""Reading an events file: nothing is judged, nothing is lost, arrival order is kept."""

import codecs
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from operations.u2c.events_file import NoEventsError, pack, read_events_file


def event(event_id: str, time: str, **more: object) -> str:
    return json.dumps({"id": event_id, "source": "/api", "subject": "acme", "time": time, **more})


def written(tmp_path: Path, *lines: str | bytes) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return path


def test_an_event_arrives_at_its_own_time_unless_an_arrival_is_given(tmp_path: Path) -> None:
    file = read_events_file(
        written(
            tmp_path,
            event("late", "2026-03-01T00:00:00Z", arrivaltime="2026-03-05T00:00:00Z"),
            event("prompt", "2026-03-02T01:00:00+01:00"),
        )
    )

    assert [line.arrives_at for line in file.lines] == [
        datetime(2026, 3, 2, tzinfo=UTC),
        datetime(2026, 3, 5, tzinfo=UTC),
    ]
    assert file.last_event_of == {"acme": datetime(2026, 3, 2, tzinfo=UTC)}


@pytest.mark.parametrize(
    "bad_line",
    [b"{not json", b'{"id": NaN}', b"\xff\xfe", b"[1, 2]", b'{"quantity": 1e400}', b"[" * 100_000, b'{"time": 7}'],
)
def test_a_line_no_product_should_send_is_sent_all_the_same_and_alone(tmp_path: Path, bad_line: bytes) -> None:
    file = read_events_file(written(tmp_path, event("a", "2026-03-01T00:00:00Z"), bad_line))

    records = list(pack(file.lines))

    assert sorted(line.text for line in file.lines) == sorted([event("a", "2026-03-01T00:00:00Z").encode(), bad_line])
    assert bad_line in [record.data for record in records] or b'{"time": 7}' in bad_line


def test_a_line_too_long_for_a_stream_record_is_refused_by_number(tmp_path: Path) -> None:
    giant = event("giant", "2026-03-01T00:00:00Z", data={"x": "y" * 2_000_000})

    file = read_events_file(written(tmp_path, event("a", "2026-03-01T00:00:00Z"), giant))

    assert [refused.number for refused in file.refused] == [2]
    assert len(file.lines) == 1


def test_events_that_arrive_within_an_hour_share_a_record_and_keep_their_order(tmp_path: Path) -> None:
    lines = [event(str(minute), f"2026-03-01T00:{minute:02d}:00Z") for minute in range(5)]
    lines.append(event("next", "2026-03-01T03:00:00Z"))

    records = list(pack(read_events_file(written(tmp_path, *lines)).lines))

    assert [[e["id"] for e in json.loads(records[0].data)], json.loads(records[1].data)["id"]] == [
        ["0", "1", "2", "3", "4"],
        "next",
    ]
    assert records[0].arrived_at == datetime(2026, 3, 1, 0, 4, tzinfo=UTC)


def test_a_gzipped_file_reads_as_a_plain_one(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress(event("a", "2026-03-01T00:00:00Z").encode()))

    assert len(read_events_file(path).lines) == 1


def test_a_file_without_any_event_time_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(NoEventsError, match="event time"):
        read_events_file(written(tmp_path, b"{not json"))


def test_a_batch_of_several_events_in_one_line_counts_each_of_them_and_arrives_with_the_last(tmp_path: Path) -> None:
    batch = f"[{event('a', '2026-03-01T00:00:00Z')}, {{not json}}, {event('b', '2026-03-02T00:00:00Z')}]"

    (line,) = read_events_file(written(tmp_path, batch)).lines

    assert (line.events, line.arrives_at, line.packable) == (3, datetime(2026, 3, 2, tzinfo=UTC), False)


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59Z", "2031-01-01T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_one_clock_that_is_years_off_moves_no_time(tmp_path: Path, time: str) -> None:
    lines = [event("a", "2026-03-01T00:00:00Z"), event("b", time), event("c", "2026-03-02T00:00:00Z")]

    file = read_events_file(written(tmp_path, *lines))

    assert [line.number for line in file.lines] == [1, 2, 3]
    assert file.lines[1].arrives_at == file.lines[0].arrives_at
    assert max(file.last_event_of.values()) == datetime(2026, 3, 2, tzinfo=UTC)


def test_usage_dated_after_its_arrival_waits_for_no_later_month(tmp_path: Path) -> None:
    ahead = event("ahead", "2026-09-01T00:00:00Z", arrivaltime="2026-03-01T00:00:00Z")

    assert read_events_file(written(tmp_path, ahead)).last_event_of == {"acme": datetime(2026, 3, 1, tzinfo=UTC)}


def test_a_gzipped_file_that_was_cut_gives_what_it_holds_and_names_the_break(tmp_path: Path) -> None:
    whole = gzip.compress(b"\n".join(event(str(n**5), "2026-03-01T00:00:00Z").encode() for n in range(5_000)))
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])

    file = read_events_file(path)

    (refused,) = file.refused
    assert 0 < len(file.lines) == refused.number - 1
    assert "breaks off" in refused.reason


def test_a_file_that_only_claims_to_be_gzipped_is_unusable(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(event("a", "2026-03-01T00:00:00Z").encode())

    with pytest.raises(NoEventsError, match="gzipped"):
        read_events_file(path)


def test_a_byte_order_mark_belongs_to_the_file_and_not_to_its_first_event(tmp_path: Path) -> None:
    only = event("a", "2026-03-01T00:00:00Z").encode()

    (line,) = read_events_file(written(tmp_path, codecs.BOM_UTF8 + only)).lines

    assert line.text == only
