"""What a file's records come to: counts and sums that its receiver works out again and compares."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.domain.erp_files.record import Record, RecordType, on_one_line
from shared.domain.money import currency
from shared.domain.posting.document import DocumentKind

_ACCOUNT_HASH_MODULUS = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyTotals:
    """Sums of one currency, in its minor units. Debits and credits are those of the entries the documents make."""

    currency: str
    exponent: int
    documents: int
    debits: int
    credits: int
    net: int
    tax: int
    gross: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotals:
    """`account_hash` adds the digits of all accounts up: it shows a swapped account, which no amount does."""

    documents: int
    lines: int
    taxes: int
    journal_lines: int
    account_hash: int
    first_posting_date: str
    last_posting_date: str
    periods: int
    first_number: str
    last_number: str
    currencies: tuple[CurrencyTotals, ...]


def control_totals(kind: DocumentKind, records: Sequence[Record]) -> ControlTotals:
    """Work out the totals of a file's documents of one kind, in their order; there is at least one."""
    counts = Counter(record.type for record in records)
    documents = [record for record in records if record.type is RecordType.DOCUMENT]
    days = [document["posting_date"] for document in documents]
    return ControlTotals(
        documents=len(documents),
        lines=counts[RecordType.LINE],
        taxes=counts[RecordType.TAX],
        journal_lines=counts[RecordType.JOURNAL_LINE],
        account_hash=sum(_digits(record["account"]) for record in records) % _ACCOUNT_HASH_MODULUS,
        first_posting_date=min(days),
        last_posting_date=max(days),
        periods=len({day[:7] for day in days}),
        first_number=on_one_line(documents[0]["number"]),
        last_number=on_one_line(documents[-1]["number"]),
        currencies=_by_currency(kind, records),
    )


def _by_currency(kind: DocumentKind, records: Sequence[Record]) -> tuple[CurrencyTotals, ...]:
    currency_of = {record["external_ref"]: record["currency"] for record in records if record["currency"]}
    of_currency: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        of_currency[currency_of[record["external_ref"]]].append(record)
    return tuple(_totals(kind, code, of_currency[code]) for code in sorted(of_currency))


def _totals(kind: DocumentKind, code: str, records: Sequence[Record]) -> CurrencyTotals:
    documents = [record for record in records if record.type is RecordType.DOCUMENT]
    sums: Mapping[str, int] = {name: sum(one.number(name) for one in documents) for name in ("net", "tax", "gross")}
    booked = [record.number("amount") for record in records if record.type is not RecordType.DOCUMENT]
    match kind:
        case DocumentKind.INVOICE:
            debits, credits_ = sums["gross"], sum(booked)
        case DocumentKind.CREDIT_MEMO:
            debits, credits_ = sum(booked), sums["gross"]
        case DocumentKind.JOURNAL:
            debits, credits_ = sum(one for one in booked if one > 0), -sum(one for one in booked if one < 0)
    return CurrencyTotals(
        currency=code,
        exponent=currency(code).minor_units,
        documents=len(documents),
        debits=debits,
        credits=credits_,
        **sums,
    )


def _digits(account: str) -> int:
    return int("".join(one for one in account if one in "0123456789") or "0")
