"""What the results of a run say of invoices, exceptions and time, for commands that look on from there."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from operations.u2c.metered_usage import UnusableUsageError
from operations.u2c.output_files import EXCEPTIONS, INVOICES, TIE_OUT
from shared.domain.exception_record import ExceptionStatus
from shared.domain.identifiers import InvoiceId
from shared.domain.invoicing.issuing import ISSUED_STATES
from shared.domain.money import Money, currency
from shared.domain.time_period import parse_instant


def simulated_until(results: Path) -> datetime:
    """Return the instant (UTC) that a run has come to. Raises UnusableUsageError, as all of these do."""
    try:
        return parse_instant(json.loads((results / TIE_OUT).read_text(encoding="utf-8"))["simulated_until"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableUsageError(f"{results}: it holds no results of a run") from error


def invoices_issued(results: Path) -> Mapping[InvoiceId, tuple[str, Money]]:
    """Return the number and the gross amount of each invoice that is issued."""
    return {
        InvoiceId(one["invoice_id"]): (one["number"], Money(Decimal(one["gross"]), currency(one["currency"])))
        for one in _records(results / INVOICES, "invoice_id", "number", "gross", "currency", "state")
        if one["state"] in ISSUED_STATES
    }


def open_exceptions(results: Path, of: InvoiceId) -> list[str]:
    """Return code and message of each open exception of an invoice."""
    found = _records(results / EXCEPTIONS, "status", "subject", "code", "message")
    is_open = ExceptionStatus.OPEN.value
    return [f"{one['code']}: {one['message']}" for one in found if (one["status"], one["subject"]) == (is_open, of)]


def _records(file: Path, *needed: str) -> Iterator[dict[str, Any]]:
    try:
        with file.open("rb") as lines:
            for line in lines:
                record = json.loads(line)
                yield {name: record[name] for name in needed}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableUsageError(f"{file}: it is not of a run's results") from error
