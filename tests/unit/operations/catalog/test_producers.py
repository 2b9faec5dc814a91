"""The sources to watch over: read as written, published as read, and every fault named."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from operations.catalog.load import load_catalog
from shared.contracts.catalog import catalog_document, read_catalog
from shared.domain.master_data.catalog import Catalog
from shared.domain.producers.producer import Completeness, Producer
from tests.fakes.catalog_folder import write_catalog

GATEWAY = "- {source: 'urn:acme:gateway', quiet_after_minutes: 30, completeness: heartbeat, owner: gateway team}\n"
IMPORTER = "- {source: 'urn:acme:importer', quiet_after_minutes: 1440, owner: data team}\n"


def with_producers(folder: Path, text: str) -> Path:
    write_catalog(folder)
    (folder / "producers.yaml").write_text(text, encoding="utf-8")
    return folder


def faults_of(folder: Path) -> list[tuple[str, int, str]]:
    faults = load_catalog(folder)
    assert not isinstance(faults, Catalog)
    return [(fault.code, fault.line, fault.path) for fault in faults]


def test_producers_are_read_as_they_are_written(tmp_path: Path) -> None:
    catalog = load_catalog(with_producers(tmp_path, GATEWAY + IMPORTER))

    assert isinstance(catalog, Catalog)
    assert catalog.producers == (
        Producer(
            source="urn:acme:gateway",
            quiet_after=timedelta(minutes=30),
            completeness=Completeness.HEARTBEAT,
            owner="gateway team",
        ),
        Producer(
            source="urn:acme:importer",
            quiet_after=timedelta(days=1),
            completeness=Completeness.NONE,
            owner="data team",
        ),
    )


def test_without_the_file_nobody_is_watched_over(tmp_path: Path) -> None:
    catalog = load_catalog(write_catalog(tmp_path))

    assert isinstance(catalog, Catalog)
    assert catalog.producers == ()


def test_producers_are_published_with_the_catalogue(tmp_path: Path) -> None:
    catalog = load_catalog(with_producers(tmp_path, GATEWAY + IMPORTER))
    assert isinstance(catalog, Catalog)

    document = catalog_document(catalog, published_at=datetime(2026, 3, 1, tzinfo=UTC))

    assert read_catalog(json.loads(document.body)) == catalog


def test_a_catalogue_of_before_there_were_producers_still_reads(tmp_path: Path) -> None:
    catalog = load_catalog(write_catalog(tmp_path))
    assert isinstance(catalog, Catalog)
    sections = json.loads(catalog_document(catalog, published_at=datetime(2026, 3, 1, tzinfo=UTC)).body)
    del sections["producers"]

    assert read_catalog(sections) == catalog


def test_a_source_is_listed_once(tmp_path: Path) -> None:
    assert faults_of(with_producers(tmp_path, GATEWAY + IMPORTER + GATEWAY)) == [("DUPLICATE_ID", 3, "producers[2]")]


@pytest.mark.parametrize(
    ("entry", "code", "key"),
    [
        ("{source: a, quiet_after_minutes: 4, owner: b}", "INVALID_VALUE", ".quiet_after_minutes"),
        ("{source: a, quiet_after_minutes: 10081, owner: b}", "INVALID_VALUE", ".quiet_after_minutes"),
        ("{source: a, quiet_after_minutes: soon, owner: b}", "INVALID_VALUE", ".quiet_after_minutes"),
        ("{source: a, owner: b}", "VALUE_MISSING", ".quiet_after_minutes"),
        ("{source: '', quiet_after_minutes: 5, owner: b}", "INVALID_VALUE", ".source"),
        ("{source: a, quiet_after_minutes: 5}", "VALUE_MISSING", ".owner"),
        ("{source: a, quiet_after_minutes: 5, owner: b, completeness: sequence}", "INVALID_VALUE", ".completeness"),
        ("{source: a, quiet_after_minutes: 5, owner: b, hold: true}", "KEY_UNKNOWN", ".hold"),
    ],
)
def test_every_fault_is_named_with_its_line(tmp_path: Path, entry: str, code: str, key: str) -> None:
    assert faults_of(with_producers(tmp_path, f"{IMPORTER}- {entry}\n")) == [(code, 2, f"producers[1]{key}")]
