"""GlInterface.csv inside an FBDI archive: no header, columns by their place, one row for each side of a journal.

The order of the columns is a fact of the published template, as target-oracle-fusion (Apache-2.0) lists it.
"""

import csv
import io
import zipfile
from collections.abc import Sequence

from simulators.erp.oracle_fusion.query import Entity

FILE_NAME = "GlInterface.csv"
ROWS_MAX = 100_000
BYTES_MAX = 250 * 1024 * 1024


def _numbered(stem: str, last: int, first: int = 1) -> list[str]:
    return [f"{stem}{number}" for number in range(first, last + 1)]


COLUMNS: Sequence[str] = (
    *("STATUS", "LEDGER_ID", "ACCOUNTING_DATE", "USER_JE_SOURCE_NAME", "USER_JE_CATEGORY_NAME", "CURRENCY_CODE"),
    *("DATE_CREATED", "ACTUAL_FLAG"),
    *_numbered("SEGMENT", 30),
    *("ENTERED_DR", "ENTERED_CR", "ACCOUNTED_DR", "ACCOUNTED_CR"),
    *_numbered("REFERENCE", 10),
    *_numbered("REFERENCE", 30, 21),
    *("STAT_AMOUNT", "USER_CURRENCY_CONVERSION_TYPE", "CURRENCY_CONVERSION_DATE", "CURRENCY_CONVERSION_RATE"),
    *("GROUP_ID", "ATTRIBUTE_CATEGORY"),
    *_numbered("ATTRIBUTE", 20),
    *("ATTRIBUTE_CATEGORY3", "AVERAGE_JOURNAL_FLAG", "ORIGINATING_BAL_SEG_VALUE", "LEDGER_NAME"),
    *("ENCUMBRANCE_TYPE_ID", "JGZZ_RECON_REF", "PERIOD_NAME", "REFERENCE18", "REFERENCE19", "REFERENCE20"),
)


class UnreadableFileError(ValueError):
    """The archive cannot be loaded into the interface table; no row of it was."""


def read_rows(archive: bytes) -> list[Entity]:
    """Return the rows of an archive by column; raises UnreadableFileError for what the loader would not take."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            described = opened.getinfo(FILE_NAME)
            if described.file_size > BYTES_MAX:
                raise UnreadableFileError("the file is too large")
            text = opened.read(FILE_NAME).decode("utf-8")
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise UnreadableFileError(f"no readable {FILE_NAME} in the archive") from error
    try:
        # The loader knows no line breaks within a row, also between quotes.
        rows = [row for line in text.split("\n") for row in csv.reader([line], strict=True) if row]
    except csv.Error as error:
        raise UnreadableFileError("a row does not end on its line") from error
    if len(rows) > ROWS_MAX:
        raise UnreadableFileError(f"more than {ROWS_MAX} rows")
    return [_row(cells) for cells in rows]


def _row(cells: list[str]) -> Entity:
    if len(cells) > len(COLUMNS):
        cells = cells[: len(COLUMNS)]  # the further columns are of flexfields that this simulator does not know
    row = dict(zip(COLUMNS, cells, strict=False))
    if row["STATUS"] != "NEW":
        raise UnreadableFileError(f"the status of a new row is NEW, not {row['STATUS']}")
    return {name: row.get(name, "") for name in COLUMNS}
