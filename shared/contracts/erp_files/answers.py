"""The receiver's answers: `.ack` (JSON) and `.rsp` (CSV). Whatever is not one in full is Unreadable, never a guess."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.domain.erp_files.answers import Acknowledged, Acknowledgement, Response, Unreadable
from shared.domain.erp_files.record import SCHEMA_VERSION
from shared.domain.erp_files.staged_document import Verdict, VerdictStatus
from shared.domain.identifiers import ExternalRef
from shared.domain.money import Currency, Money, currency
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.readings import Settlement, SettlementStatus
from shared.domain.time_period import parse_instant

_HEADER_FIELDS: Final = 4
_VERDICT_FIELDS: Final = 12
_TRAILER_FIELDS: Final = 2
_SETTLEMENT_FIELDS: Final = 9
_MOST_TEXT: Final = 500  # of a receiver's own words; an exception needs no more


class _Acknowledgement(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    schema_version: int
    file: str
    sha256: str
    status: Acknowledged
    code: str = ""
    text: str = ""


def read_acknowledgement(content: bytes) -> Acknowledgement | Unreadable:
    try:
        wire = _Acknowledgement.model_validate_json(content)
    except ValidationError as error:
        return Unreadable(f"{error.error_count()} faults in the acknowledgement")
    if wire.schema_version != SCHEMA_VERSION:
        return Unreadable(f"schema version {wire.schema_version}")
    return Acknowledgement(
        file=wire.file, sha256=wire.sha256.lower(), status=wire.status, code=wire.code, text=wire.text[:_MOST_TEXT]
    )


def read_response(content: bytes) -> Response | Unreadable:
    """Read H, R and T lines. The T line counts the R lines before it: without it the rest is still to come."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
        return _response([row for row in rows if row])
    except (ValueError, csv.Error) as error:
        return Unreadable(f"{type(error).__name__}: {error}"[:_MOST_TEXT])


def _response(rows: list[list[str]]) -> Response:
    if len(rows) < _TRAILER_FIELDS or rows[0][0] != "H" or len(rows[0]) != _HEADER_FIELDS:
        raise ValueError("it does not begin with an H line")
    if rows[-1] != ["T", str(len(rows) - 2)]:
        raise ValueError("it does not end with a T line that counts its R lines")
    _, version, file, sha256 = rows[0]
    if version != str(SCHEMA_VERSION):
        raise ValueError(f"schema version {version}")
    return Response(file=file, sha256=sha256.lower(), verdicts=tuple(_verdict(row) for row in rows[1:-1]))


def _verdict(row: list[str]) -> Verdict:
    if len(row) != _VERDICT_FIELDS or row[0] != "R":
        raise ValueError("an R line has twelve fields")
    _, external_ref, status, number, day, code_of_currency, exponent, net, tax, gross, code, text = row
    said = VerdictStatus(status)
    if said is VerdictStatus.REJECTED:
        return Verdict(external_ref=ExternalRef(external_ref), status=said, code=code, text=text[:_MOST_TEXT])
    unit = currency(code_of_currency)
    if exponent != str(unit.minor_units) or not number:
        raise ValueError("what is posted has a number, and amounts in minor units")
    return Verdict(
        external_ref=ExternalRef(external_ref),
        status=said,
        number=number,
        posting_date=date.fromisoformat(day),
        net=_money(net, unit),
        tax=_money(tax, unit),
        gross=_money(gross, unit),
    )


def read_settlements(content: bytes, *, company: str, sequence: int) -> tuple[Settlement, ...] | Unreadable:
    """Read H, S and T lines of a receiver's file of settlements, which must be the one that its name says."""
    try:
        rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True) if row]
        return _settlements(rows, header=["H", str(SCHEMA_VERSION), company, f"{sequence:06d}"])
    except (ValueError, csv.Error) as error:
        return Unreadable(f"{type(error).__name__}: {error}"[:_MOST_TEXT])


def _settlements(rows: list[list[str]], *, header: list[str]) -> tuple[Settlement, ...]:
    if rows[:1] != [header]:
        raise ValueError("it is another file than its name says")
    if rows[-1] != ["T", str(len(rows) - 2)]:
        raise ValueError("it does not end with a T line that counts its S lines")
    return tuple(_settlement(row) for row in rows[1:-1])


def _settlement(row: list[str]) -> Settlement:
    if len(row) != _SETTLEMENT_FIELDS or row[0] != "S":
        raise ValueError("an S line has nine fields")
    _, external_ref, kind, number, status, code_of_currency, exponent, open_amount, changed_at = row
    unit = currency(code_of_currency)
    if exponent != str(unit.minor_units):
        raise ValueError("amounts are in minor units")
    return Settlement(
        external_ref=external_ref,
        kind=DocumentKind(kind),
        erp_number=number,
        status=SettlementStatus(status),
        open_amount=_money(open_amount, unit),
        changed_at=parse_instant(changed_at),
    )


def _money(minor_units: str, of: Currency) -> Money:
    return Money(Decimal(int(minor_units)).scaleb(-of.minor_units), of)
