"""u2c price diff names each price that differs, in words, and whom it concerns: of folders or of versions."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from operations.catalog.load import load_catalog
from operations.u2c.__main__ import main
from operations.u2c.commands.catalog_sides import DIFFER, SAME, UNUSABLE_INPUT
from shared.contracts.catalog import catalog_document
from shared.domain.master_data.catalog import Catalog
from tests.fakes.catalog_folder import spoil, write_catalog


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return write_catalog(tmp_path / "old")


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return write_catalog(tmp_path / "new")


def diff(old: Path, new: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    status = main(["price", "diff", str(old), str(new)])
    return status, capsys.readouterr().out.splitlines()


def version_of(folder: Path) -> Path:
    """Write the file of the folder's version, as it is published."""
    catalog = load_catalog(folder)
    assert isinstance(catalog, Catalog)
    document = catalog_document(catalog, published_at=datetime(2026, 3, 1, tzinfo=UTC))
    file = folder.parent / f"{document.version}.json"
    file.write_bytes(document.body)
    return file


def test_a_price_that_changed_is_named_in_words_with_whom_it_concerns(
    old: Path, new: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(new, file="price_book.yaml", old="flat: 159.00", new="flat: 169.00")

    status, lines = diff(old, new, capsys)

    assert status == DIFFER
    assert lines[0] == (
        "growth/base-fee [USD, from 2026-07-01]: flat 159 -> flat 169; concerns contracts: 2 (c-acme, c-chandra)"
    )
    assert lines[1] == "Prices that differ: 1. Sections that differ: price_book."


def test_prices_that_are_new_gone_or_end_are_named(old: Path, new: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(new, file="price_book.yaml", old="valid_until: 2026-07-01", new="valid_until: 2026-08-01")
    spoil(new, file="price_book.yaml", old="valid_from: 2026-07-01", new="valid_from: 2026-08-01")

    _, lines = diff(old, new, capsys)

    assert [line.partition("; ")[0] for line in lines[:3]] == [
        "growth/base-fee [USD]: flat 149 until 2026-07-01 -> flat 149 until 2026-08-01",
        "growth/base-fee [USD, from 2026-07-01]: flat 159 -> (none)",
        "growth/base-fee [USD, from 2026-08-01]: (none) -> flat 159",
    ]


def test_an_agreed_price_is_named_by_its_contract(old: Path, new: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(
        new,
        file="contracts.yaml",
        old="  subscriptions:\n",
        new="  prices: [{charge: api-calls, per_unit: 0.02}]\n  subscriptions:\n",
    )

    _, lines = diff(old, new, capsys)

    assert lines[0] == (
        "c-acme: api-calls [USD, from 2026-01-01 05:00 UTC]: (none) -> "
        "agreed price: 0.02 each until 2027-01-01 05:00 UTC; concerns contracts: 1 (c-acme)"
    )


def test_a_published_version_is_the_folder_that_it_was_published_from(
    old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = version_of(old)

    status, lines = diff(old, version, capsys)

    assert status == SAME
    digest = version.stem.rpartition("-")[2]
    assert lines == [
        "Prices that differ: 0. Sections that differ: none.",
        f"Digests: {digest} -> {digest}",
    ]


@pytest.mark.parametrize("content", ["garbage", "[]", "{}"])
def test_what_is_neither_folder_nor_version_is_refused(
    content: str, old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "version.json"
    file.write_text(content)

    assert diff(old, file, capsys)[0] == UNUSABLE_INPUT
