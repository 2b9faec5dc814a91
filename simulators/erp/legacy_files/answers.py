"""What the receiver writes back: acknowledgements, responses, and how documents stand in its receivables."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from simulators.erp.documents import SimulatedDocument

VALIDATED, REJECTED_FILE = "VALIDATED", "REJECTED_FILE"


@dataclass(frozen=True, slots=True)
class FileRefusal:
    """Why a file is not taken."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one document: booked, or refused with code and text."""

    external_ref: str
    booked: SimulatedDocument | None = None
    posting_date: str = ""
    exponent: int = 0
    code: str = ""
    text: str = ""


def acknowledgement(name: str, *, sha256: str, size: int, records: int, refusal: FileRefusal | None) -> bytes:
    return json.dumps(
        {
            "schema_version": 1,
            "file": name,
            "sha256": sha256,
            "bytes": size,
            "records": records,
            "status": REJECTED_FILE if refusal else VALIDATED,
            "code": refusal.code if refusal else "",
            "text": refusal.text if refusal else "",
        }
    ).encode()


def response(name: str, *, sha256: str, decisions: Sequence[Decision]) -> bytes:
    rows = [_decision_row(decision) for decision in decisions]
    return _csv([["H", "1", name, sha256], *rows, ["T", str(len(rows))]])


def settlements(company: str, sequence: int, changes: Sequence[tuple[SimulatedDocument, int, datetime]]) -> bytes:
    """Return the file of changes: document, decimals of its currency, and when it changed."""
    rows = [_settlement_row(*change) for change in changes]
    return _csv([["H", "1", company, f"{sequence:06d}"], *rows, ["T", str(len(rows))]])


def settlements_name(company: str, sequence: int) -> str:
    return f"settlements.{company}.{sequence:06d}.csv"


def _decision_row(decision: Decision) -> list[str]:
    booked = decision.booked
    if booked is None:
        return ["R", decision.external_ref, "REJECTED", *[""] * 7, decision.code, decision.text]
    amounts = [_minor(amount, decision.exponent) for amount in (booked.net, booked.tax, booked.gross)]
    posted = [booked.number, decision.posting_date, booked.currency, str(decision.exponent)]
    return ["R", decision.external_ref, "POSTED", *posted, *amounts, "", ""]


def _settlement_row(document: SimulatedDocument, exponent: int, changed_at: datetime) -> list[str]:
    instant = changed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    money = [document.currency, str(exponent), _minor(document.open_amount, exponent)]
    return ["S", document.external_ref, document.kind, document.number, document.status, *money, instant]


def _minor(amount: Decimal, exponent: int) -> str:
    return str(int(amount.scaleb(exponent)))


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
