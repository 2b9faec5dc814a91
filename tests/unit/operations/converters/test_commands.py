"""The converters' command lines: files in and out, refused lines named, a catalogue that loads."""

import gzip
import json
from pathlib import Path

import pytest

from operations.catalog.load import load_catalog
from operations.converters import csv_usage, web_access_log
from shared.domain.master_data.catalog import Catalog

LINE = b'%s - - [17/May/2015:10:05:03 +0000] "GET /a.png HTTP/1.1" 200 203023 "-" "Curl"\n'
PRICES = ["--price", "requests=0.0001", "--price", "egress_bytes=1e-8"]


def test_a_gzipped_log_becomes_events_and_a_catalogue_for_everyone_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "access.log.gz"
    log.write_bytes(gzip.compress(LINE % b"83.149.9.216" + LINE % b"::1"))
    arguments = [str(log), "--source", "www.acme.example", "--out", str(tmp_path / "events.jsonl")]

    status = web_access_log.main([*arguments, "--catalog", str(tmp_path / "catalog"), *PRICES])

    assert status == 0
    assert "events: 4, subjects: 2, lines refused: 0" in capsys.readouterr().out
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    catalog = load_catalog(tmp_path / "catalog")
    assert isinstance(catalog, Catalog)
    claimed = {subject for customer in catalog.customers for subject in customer.subjects}
    assert claimed >= {event["subject"] for event in events}
    assert {contract.active.start.isoformat() for contract in catalog.contracts} == {"2015-05-01T00:00:00+00:00"}


def test_refused_lines_are_named_and_the_rest_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(LINE % b"83.149.9.216" + b"hello\n")

    status = web_access_log.main([str(log), "--source", "www", "--out", str(tmp_path / "events.jsonl")])

    printed = capsys.readouterr()
    assert status == 1
    assert f"{log}:2: the line is not in the common or combined log format" in printed.err
    assert "lines refused: 1" in printed.out
    assert len((tmp_path / "events.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"hello\n", gzip.compress(LINE % b"::1", mtime=0)[:-9], b"\x1f\x8b\x08 no gzip"],
    ids=["empty", "no log", "cut short", "no gzip"],
)
def test_a_file_without_usage_leaves_the_old_events_alone_or_none(tmp_path: Path, content: bytes) -> None:
    log = tmp_path / "access.log.gz"
    log.write_bytes(gzip.compress(content) if content in {b"", b"hello\n"} else content)

    status = web_access_log.main([str(log), "--source", "www", "--out", str(tmp_path / "events.jsonl")])

    assert status == 2
    assert not list(tmp_path.glob("*.part"))


def test_a_file_that_is_not_there_is_named_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert web_access_log.main(["no.log", "--source", "www", "--out", str(tmp_path / "events.jsonl")]) == 2
    assert capsys.readouterr().err == "no.log: No such file or directory\n"


def test_a_catalogue_needs_every_price(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(LINE % b"83.149.9.216")
    arguments = [str(log), "--source", "www", "--out", str(tmp_path / "e"), "--catalog", str(tmp_path / "c")]

    assert web_access_log.main([*arguments, *PRICES[:2]]) == 2
    assert "--price egress_bytes" in capsys.readouterr().err


def test_a_csv_file_is_mapped_by_its_columns(tmp_path: Path) -> None:
    trace = tmp_path / "trace.csv"
    trace.write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n")
    out = tmp_path / "events.jsonl"

    options = "--source llm --time TIMESTAMP --customer acme --meter input_tokens=ContextTokens"
    options += " --meter output_tokens=GeneratedTokens"

    status = csv_usage.main([str(trace), "--out", str(out), *options.split()])

    assert status == 0
    assert [json.loads(line)["data"]["quantity"] for line in out.read_text().splitlines()] == ["4808", "10"]


def test_a_csv_file_without_the_column_is_unusable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = tmp_path / "trace.csv"
    trace.write_text("when,count\n")
    arguments = [str(trace), "--source", "llm", "--out", str(tmp_path / "e"), "--customer", "acme"]

    assert csv_usage.main([*arguments, "--time", "TIMESTAMP", "--meter", "calls=count"]) == 2
    assert "no column TIMESTAMP" in capsys.readouterr().err
