"""Records as the specification has them: names, widths, and which of them are numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

TEXT: Final = "text"
NUMBER: Final = "number"
DIMENSIONS: Final = ("dimension_1", "dimension_2", "dimension_3", "dimension_4")


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    width: int
    kind: str = TEXT


@dataclass(frozen=True, slots=True)
class Row:
    """A record that was read: the letter of its type, and its fields by name."""

    type: str
    fields: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields[name]

    def number(self, name: str) -> int:
        return int(self.fields[name])


def _texts(**widths: int) -> list[Column]:
    return [Column(name, width) for name, width in widths.items()]


def _numbers(**widths: int) -> list[Column]:
    return [Column(name, width, NUMBER) for name, width in widths.items()]


_OF_LINES = _texts(**dict.fromkeys(DIMENSIONS, 20))
LAYOUTS: Mapping[str, list[Column]] = MappingProxyType(
    {
        "H": _texts(
            schema_version=3,
            source=20,
            entity=36,
            kind=12,
            period=7,
            sequence=6,
            previous_sha256=64,
            created_at=20,
            policy=16,
        ),
        "D": [
            *_texts(external_ref=16, number=35, document_date=10, posting_date=10, due_date=10),
            *_texts(customer=20, customer_name=100, country=2, tax_id=20, email=80, currency=3, exchange_rate=15),
            *_numbers(net=18, tax=18, gross=18),
            *_texts(purchase_order=35, corrects_ref=16, corrects_number=35, text=100, origin=80),
        ],
        "L": [
            *_texts(external_ref=16),
            *_numbers(line_no=5),
            *_texts(account=20, text=200),
            *_numbers(amount=18),
            *_texts(tax_code=20, tax_percent=10, service_from=10, service_to=10),
            *_OF_LINES,
        ],
        "X": [
            *_texts(external_ref=16, account=20, tax_code=20, tax_percent=10),
            *_numbers(base=18, amount=18),
        ],
        "J": [
            *_texts(external_ref=16),
            *_numbers(line_no=5),
            *_texts(account=20),
            *_numbers(amount=18),
            *_texts(text=200, customer=20),
            *_OF_LINES,
        ],
        "C": [
            *_texts(currency=3),
            *_numbers(exponent=1, documents=8, debits=18, credits=18, net=18, tax=18, gross=18),
        ],
        "T": [
            *_numbers(documents=8, lines=8, taxes=8, journal_lines=8, currencies=3, account_hash=12),
            *_texts(first_posting_date=10, last_posting_date=10),
            *_numbers(periods=3),
            *_texts(first_number=35, last_number=35),
        ],
    }
)
