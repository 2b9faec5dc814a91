"""A journal as the file that Fusion loads: a ZIP with GlInterface.csv, no header, columns by their place.

The order of the columns is that of the published FBDI template, as target-oracle-fusion (Apache-2.0) lists it; only
its columns up to PERIOD_NAME are used. The same journal makes the same bytes under the same name, so that what became
of it can be found by name.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from shared.adapters.erp.customer_key import customer_key
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.domain.identifiers import ExternalRef
from shared.domain.money import Currency
from shared.domain.posting.journal import Journal, JournalLine

_FILE_IN_ARCHIVE: Final = "GlInterface.csv"
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP can say: its bytes must not tell the time
_GROUP_ID_DIGITS: Final = 18


def _numbered(stem: str, first: int, last: int) -> tuple[str, ...]:
    return tuple(f"{stem}{number}" for number in range(first, last + 1))


COLUMNS: Final = (
    *("STATUS", "LEDGER_ID", "ACCOUNTING_DATE", "USER_JE_SOURCE_NAME", "USER_JE_CATEGORY_NAME", "CURRENCY_CODE"),
    *("DATE_CREATED", "ACTUAL_FLAG", *_numbered("SEGMENT", 1, 30)),
    *("ENTERED_DR", "ENTERED_CR", "ACCOUNTED_DR", "ACCOUNTED_CR"),
    *(*_numbered("REFERENCE", 1, 10), *_numbered("REFERENCE", 21, 30)),
    *("STAT_AMOUNT", "USER_CURRENCY_CONVERSION_TYPE", "CURRENCY_CONVERSION_DATE", "CURRENCY_CONVERSION_RATE"),
    *("GROUP_ID", "ATTRIBUTE_CATEGORY", *_numbered("ATTRIBUTE", 1, 20), "ATTRIBUTE_CATEGORY3"),
    *("AVERAGE_JOURNAL_FLAG", "ORIGINATING_BAL_SEG_VALUE", "LEDGER_NAME", "ENCUMBRANCE_TYPE_ID", "JGZZ_RECON_REF"),
    "PERIOD_NAME",
)


def file_name(external_ref: ExternalRef) -> str:
    return f"U2C_{external_ref}.zip"


def group_id(external_ref: ExternalRef) -> str:
    """Return the number that keeps a journal's rows apart from everybody else's: of our key, at most 18 digits."""
    digest = hashlib.sha256(external_ref.encode()).digest()[:8]
    return str(int.from_bytes(digest, "big") % (10**_GROUP_ID_DIGITS - 1) + 1)


def archive_of(journal: Journal, settings: FusionSettings, books: Currency) -> bytes:
    """Return the file of a journal for a ledger in a currency. Everything in it fits (domain/posting/limits)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for line in journal.lines:
        row = _row(journal, line, settings, books)
        writer.writerow([_on_one_line(row.get(column, "")) for column in COLUMNS])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        described = zipfile.ZipInfo(_FILE_IN_ARCHIVE, _LONG_AGO)
        described.create_system = 3  # whatever this runs on
        archive.writestr(described, text.getvalue().encode())
    return packed.getvalue()


def _row(journal: Journal, line: JournalLine, settings: FusionSettings, books: Currency) -> Mapping[str, str]:
    unit = line.amount.currency
    debit, credit = _sides(line.amount.amount)
    segments = settings.segments(settings.mapping.account(line.account), line.dimensions)
    is_foreign = unit != books
    return {
        "STATUS": "NEW",
        "LEDGER_ID": settings.ledger_id,
        "ACCOUNTING_DATE": _day(journal.posting_date),
        "USER_JE_SOURCE_NAME": settings.of("journal_source"),
        "USER_JE_CATEGORY_NAME": settings.of("journal_category"),
        "CURRENCY_CODE": settings.mapping.currencies.get(unit.code, unit.code),
        "DATE_CREATED": _day(journal.document_date),
        "ACTUAL_FLAG": "A",
        **{f"SEGMENT{place}": segment for place, segment in enumerate(segments, start=1)},
        "ENTERED_DR": debit,
        "ENTERED_CR": credit,
        # In the ledger's own currency both are the same; a foreign amount is converted there.
        "ACCOUNTED_DR": "" if is_foreign else debit,
        "ACCOUNTED_CR": "" if is_foreign else credit,
        "REFERENCE1": journal.external_ref,  # the batch's name begins with it
        "REFERENCE2": journal.posting_id,  # the batch's description
        "REFERENCE4": journal.human_number,  # the journal's name
        "REFERENCE5": journal.text,
        "REFERENCE10": line.text,
        "REFERENCE21": f"{journal.external_ref}-{line.line_no}",
        "REFERENCE22": customer_key(line.customer_id) if line.customer_id else "",
        "USER_CURRENCY_CONVERSION_TYPE": settings.of("journal_rate_type", "Corporate") if is_foreign else "",
        "CURRENCY_CONVERSION_DATE": _day(journal.posting_date) if is_foreign else "",
        "GROUP_ID": group_id(journal.external_ref),
        "PERIOD_NAME": settings.period_name(journal.posting_date),
    }


def _on_one_line(text: str) -> str:
    """Return a text without line breaks: Fusion loads the file line by line, also between quotes."""
    return "".join(character if character.isprintable() else " " for character in text)


def _sides(amount: Decimal) -> tuple[str, str]:
    return (f"{amount:f}", "") if amount > 0 else ("", f"{-amount:f}")


def _day(day: date) -> str:
    return day.strftime("%Y/%m/%d")
