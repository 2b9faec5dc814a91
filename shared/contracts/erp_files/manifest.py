"""The manifest of a file: JSON beside it, written last. It says nothing that the file itself does not come to."""

import json

from shared.domain.erp_files.control_totals import CurrencyTotals
from shared.domain.erp_files.delivery_file import DeliveryFile
from shared.domain.erp_files.record import SCHEMA_VERSION


def write_manifest(file: DeliveryFile) -> bytes:
    """Return the same bytes for the same file, always."""
    totals = file.totals
    wire = {
        "schema_version": SCHEMA_VERSION,
        "file": file.name,
        "source": file.source,
        "entity": file.stream.company,
        "kind": file.stream.kind.value,
        "period": file.period,
        "sequence": file.sequence,
        "previous_sha256": file.previous_sha256,
        "sha256": file.sha256,
        "bytes": file.size,
        "format": file.format.shape.value,
        "encoding": file.format.encoding.value,
        "line_end": file.format.line_end.value,
        "created_at": file.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "policy": file.policy,
        "control_totals": {
            "documents": totals.documents,
            "lines": totals.lines,
            "taxes": totals.taxes,
            "journal_lines": totals.journal_lines,
            "account_hash": totals.account_hash,
            "first_posting_date": totals.first_posting_date,
            "last_posting_date": totals.last_posting_date,
            "periods": totals.periods,
            "first_number": totals.first_number,
            "last_number": totals.last_number,
            "currencies": [_currency(one) for one in totals.currencies],
        },
    }
    return (json.dumps(wire, indent=1, ensure_ascii=False) + "\n").encode()


def _currency(totals: CurrencyTotals) -> dict[str, str | int]:
    return {
        "currency": totals.currency,
        "exponent": totals.exponent,
        "documents": totals.documents,
        "debits": totals.debits,
        "credits": totals.credits,
        "net": totals.net,
        "tax": totals.tax,
        "gross": totals.gross,
    }
