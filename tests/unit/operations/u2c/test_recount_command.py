"""u2c recount says what it cannot use, by file and line, and never takes that for a count of nothing."""

import base64
import gzip
import json
from pathlib import Path

import pytest

from operations.u2c.__main__ import main
from operations.u2c.commands.recount import DIFFERS, TIES, UNUSABLE_INPUT
from tests.fakes.catalog_folder import spoil, write_catalog
from tests.fakes.usage import usage_v2

DAY = "nimbus/2026/03/15"


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    return write_catalog(tmp_path / "catalog")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Make an archive with one raw object, which holds a record of no events."""
    folder = tmp_path / "archive"
    record = {"shard": "shard-0", "sequence": "1", "arrived_at": "2026-03-15T10:00:00Z", "data": "W10="}
    raw_object(folder).parent.mkdir(parents=True)
    raw_object(folder).write_bytes(gzip.compress(json.dumps(record).encode()))
    return folder


def raw_object(archive: Path) -> Path:
    return archive / "usage" / DAY / "shard-0" / "1-1.jsonl.gz"


def recount(archive: Path, catalog: Path, *more: str, period: str = "2026-03") -> int:
    return main(["recount", "--archive", str(archive), "--catalog", str(catalog), "--period", period, *more])


def test_an_archive_without_usage_counts_to_nothing(archive: Path, catalog: Path) -> None:
    assert recount(archive, catalog) == TIES


def test_of_an_id_with_two_contents_in_one_record_the_first_one_counts(
    archive: Path, catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(catalog, file="meters.yaml", old="aggregation: count", new="aggregation: sum")
    sent = [
        usage_v2(
            id=f"call-{number}",
            subject="acme-production",
            time="2026-03-15T09:59:00Z",
            data={"meter": "api_calls", "quantity": quantity},
        )
        for number in range(40)
        for quantity in (1, 1000)
    ]
    data = base64.b64encode(json.dumps(sent).encode()).decode()
    record = {"shard": "shard-0", "sequence": "1", "arrived_at": "2026-03-15T10:00:00Z", "data": data}
    raw_object(archive).write_bytes(gzip.compress(json.dumps(record).encode()))

    assert recount(archive, catalog) == DIFFERS

    shown = capsys.readouterr().out
    assert "Ids that came with several contents: 40; the first one was counted." in shown
    assert shown.splitlines()[1].split() == ["acme", "api_calls", "40", "40", "request"]


def test_an_archive_of_another_tenant_is_not_counted_as_empty(
    archive: Path, catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(catalog, file="tenant.yaml", old="id: nimbus", new="id: stratus")

    assert recount(archive, catalog) == UNUSABLE_INPUT
    assert "it holds nothing of the catalogue's tenant stratus" in capsys.readouterr().out


def test_a_catalogue_without_customers_has_nobody_to_count_for(
    archive: Path, catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (catalog / "customers.yaml").write_text("[]")
    (catalog / "contracts.yaml").write_text("[]")

    assert recount(archive, catalog) == UNUSABLE_INPUT
    assert "the catalogue has no customer" in capsys.readouterr().out


@pytest.mark.parametrize(
    "content",
    [b"garbage", gzip.compress(b"x" * 1000, mtime=0)[:-20], gzip.compress(b"{}", mtime=0)],
    ids=["no gzip", "cut off", "another object"],
)
def test_a_raw_object_that_cannot_be_read_is_named(
    content: bytes, archive: Path, catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw_object(archive).write_bytes(content)

    assert recount(archive, catalog) == UNUSABLE_INPUT
    assert f"{raw_object(archive)}: it is no raw object of an archive" in capsys.readouterr().out


def test_a_manifest_that_cannot_be_read_is_named(
    archive: Path, catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = archive / "compacted" / DAY / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("garbage")

    assert recount(archive, catalog) == UNUSABLE_INPUT
    assert f"{manifest}: it is no manifest" in capsys.readouterr().out


@pytest.mark.parametrize("line", ["garbage", "[]", "{}", '{"kind": "window", "customer": "acme"}'])
def test_a_ledger_that_cannot_be_read_is_named_with_its_line(
    line: str, archive: Path, catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lineage = tmp_path / "lineage.jsonl"
    lineage.write_text('{"kind": "invoice"}\n' + line + "\n")

    assert recount(archive, catalog, "--ledger", str(tmp_path)) == UNUSABLE_INPUT
    assert f"{lineage}:2: it is not a run's lineage" in capsys.readouterr().out


@pytest.mark.parametrize("month", ["0001-01", "1969-12", "9999-12", "2026-13", "march"])
def test_a_month_that_no_usage_can_be_of_is_refused(month: str, archive: Path, catalog: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        recount(archive, catalog, period=month)

    assert ended.value.code == 2
