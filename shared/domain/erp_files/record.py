"""Records of a file and their fields, as docs/reference/erp-files.md publishes them; a change is a new version."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

SCHEMA_VERSION: Final = 1


class RecordType(StrEnum):
    HEADER = "H"
    DOCUMENT = "D"
    LINE = "L"  # of an invoice or credit memo
    TAX = "X"
    JOURNAL_LINE = "J"
    CURRENCY = "C"  # control totals of one currency
    TRAILER = "T"


class FieldType(StrEnum):
    TEXT = "text"
    AMOUNT = "amount"  # minor units, signed
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `width` is its characters in a fixed-width file, and the most that it has in any."""

    name: str
    width: int
    type: FieldType = FieldType.TEXT


@dataclass(frozen=True, slots=True)
class Record:
    """Values by field name; what is left out is empty. Dates are YYYY-MM-DD, amounts and counts whole numbers."""

    type: RecordType
    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def number(self, name: str) -> int:
        return int(self[name] or "0")


def _amount(name: str) -> Field:
    return Field(name, 18, FieldType.AMOUNT)


def _count(name: str, width: int) -> Field:
    return Field(name, width, FieldType.COUNT)


DIMENSIONS: Final = tuple(f"dimension_{number}" for number in range(1, 5))
_DIMENSION_FIELDS = tuple(Field(name, 20) for name in DIMENSIONS)

LAYOUTS: Mapping[RecordType, tuple[Field, ...]] = MappingProxyType(
    {
        RecordType.HEADER: (
            Field("schema_version", 3),
            Field("source", 20),
            Field("entity", 36),
            Field("kind", 12),
            Field("period", 7),
            Field("sequence", 6),
            Field("previous_sha256", 64),
            Field("created_at", 20),
            Field("policy", 16),
        ),
        RecordType.DOCUMENT: (
            Field("external_ref", 16),
            Field("number", 35),
            Field("document_date", 10),
            Field("posting_date", 10),
            Field("due_date", 10),
            Field("customer", 20),
            Field("customer_name", 100),
            Field("country", 2),
            Field("tax_id", 20),
            Field("email", 80),
            Field("currency", 3),
            Field("exchange_rate", 15),
            _amount("net"),
            _amount("tax"),
            _amount("gross"),
            Field("purchase_order", 35),
            Field("corrects_ref", 16),
            Field("corrects_number", 35),
            Field("text", 100),
            Field("origin", 80),
        ),
        RecordType.LINE: (
            Field("external_ref", 16),
            _count("line_no", 5),
            Field("account", 20),
            Field("text", 200),
            _amount("amount"),
            Field("tax_code", 20),
            Field("tax_percent", 10),
            Field("service_from", 10),
            Field("service_to", 10),
            *_DIMENSION_FIELDS,
        ),
        RecordType.TAX: (
            Field("external_ref", 16),
            Field("account", 20),
            Field("tax_code", 20),
            Field("tax_percent", 10),
            _amount("base"),
            _amount("amount"),
        ),
        RecordType.JOURNAL_LINE: (
            Field("external_ref", 16),
            _count("line_no", 5),
            Field("account", 20),
            _amount("amount"),
            Field("text", 200),
            Field("customer", 20),
            *_DIMENSION_FIELDS,
        ),
        RecordType.CURRENCY: (
            Field("currency", 3),
            _count("exponent", 1),
            _count("documents", 8),
            _amount("debits"),
            _amount("credits"),
            _amount("net"),
            _amount("tax"),
            _amount("gross"),
        ),
        RecordType.TRAILER: (
            _count("documents", 8),
            _count("lines", 8),
            _count("taxes", 8),
            _count("journal_lines", 8),
            _count("currencies", 3),
            _count("account_hash", 12),
            Field("first_posting_date", 10),
            Field("last_posting_date", 10),
            _count("periods", 3),
            Field("first_number", 35),
            Field("last_number", 35),
        ),
    }
)


def on_one_line(text: str) -> str:
    """Return a text as every file has it: what is not printable, a line end among them, is a space."""
    return "".join(character if character.isprintable() else " " for character in text)


def width_of(record_type: RecordType, name: str) -> int:
    return next(field.width for field in LAYOUTS[record_type] if field.name == name)
