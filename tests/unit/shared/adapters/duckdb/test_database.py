"""The database of a recount: it spills where it is told, and reaches nothing beyond its folder."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from shared.adapters.duckdb.database import database
from shared.adapters.duckdb.staging import joined, split, staged, write_rows

ODD_TEXTS = ["", '"', 'a"b', "x\ny", "\r\n", ",", "NULL", "\\N", " a ", "\x00", "\ufeffb", "\u2028", "\u6f22\U0001d11e"]


def test_parquet_is_written_and_read_without_any_extension_being_fetched(tmp_path: Path) -> None:
    path = tmp_path / "numbers.parquet"
    with database(tmp_path, memory_mb=100, threads=1) as connection:
        connection.execute(f"COPY (FROM range(3)) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")

        assert connection.execute(f"SELECT count(*) FROM '{path}'").fetchall() == [(3,)]
        (fetched,) = connection.execute(
            "SELECT count(*) FROM duckdb_extensions() WHERE installed AND install_mode <> 'STATICALLY_LINKED'"
        ).fetchall()
        assert fetched == (0,)


def test_a_file_outside_of_the_folder_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a,b\n")
    folder = tmp_path / "folder"
    folder.mkdir()

    with (
        database(folder, memory_mb=100, threads=1) as connection,
        pytest.raises(duckdb.PermissionException),
    ):
        connection.execute(f"FROM '{tmp_path / 'secret.csv'}'")


def test_more_than_fits_into_memory_is_counted_with_the_disk(tmp_path: Path) -> None:
    with database(tmp_path, memory_mb=60, threads=1) as connection:
        connection.execute("CREATE TABLE events AS SELECT uuid() AS id FROM range(3_000_000)")

        assert connection.execute("SELECT count(*) FROM (SELECT id FROM events GROUP BY id)").fetchall() == [
            (3_000_000,)
        ]


def test_rows_come_in_as_they_were_whatever_their_texts_hold(tmp_path: Path) -> None:
    rows = [(number, text, None) for number, text in enumerate(ODD_TEXTS)]
    path = tmp_path / "odd.rows"
    write_rows(path, rows[:5])
    write_rows(path, rows[5:])

    with database(tmp_path, memory_mb=100, threads=2) as connection:
        columns = "number BIGINT, text VARCHAR, nothing VARCHAR"
        read = connection.execute(f"FROM {staged(path, columns)} ORDER BY number").fetchall()

    assert read == rows


@pytest.mark.parametrize("number", ["0", "7", "7.25", "-0.5", "999999999999999.999999999999999999", "-1E-18"])
def test_a_number_comes_back_exactly_from_its_units_and_parts(number: str) -> None:
    units, parts = split(Decimal(number), decimals=18)

    assert 0 <= parts < 10**18
    assert joined(units, parts, decimals=18) == Decimal(number)


def test_a_number_with_more_decimals_than_asked_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 18 decimals"):
        split(Decimal("1E-19"), decimals=18)
