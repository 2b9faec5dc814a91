"""The next file of a stream: its name, its bytes, and what its manifest says of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from shared.domain.erp_files.control_totals import ControlTotals, CurrencyTotals, control_totals
from shared.domain.erp_files.file_format import FileFormat
from shared.domain.erp_files.record import SCHEMA_VERSION, Record, RecordType
from shared.domain.erp_files.staged_document import FileStream, StagedDocument
from shared.domain.identifiers import ExternalRef
from shared.domain.money import Money
from shared.domain.posting.document import DocumentKind

NO_FILE_BEFORE: Final = "0" * 64
# Journals of a file belong together; of invoices, one that is refused keeps no other back.
ALL_OR_NOTHING, PER_DOCUMENT = "all_or_nothing", "per_document"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentDocument:
    external_ref: ExternalRef
    number: str
    gross: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFile:
    """One file of a stream, for ever: the same name is never given to other bytes. Dates are UTC."""

    stream: FileStream
    name: str
    source: str
    period: str
    sequence: int
    previous_sha256: str
    sha256: str
    size: int
    format: FileFormat
    created_at: datetime
    totals: ControlTotals
    documents: tuple[SentDocument, ...]

    @property
    def policy(self) -> str:
        return policy_of(self.stream.kind)


@dataclass(frozen=True, slots=True)
class NextFile:
    file: DeliveryFile
    content: bytes


def policy_of(kind: DocumentKind) -> str:
    return ALL_OR_NOTHING if kind is DocumentKind.JOURNAL else PER_DOCUMENT


def next_file(
    documents: Sequence[StagedDocument],
    *,
    after: DeliveryFile | None,
    source: str,
    in_format: FileFormat,
    now: datetime,
) -> NextFile:
    """Make the file that comes after another of the same stream. The documents are of one period.

    Raises what FileFormat.encoded raises.
    """
    first = documents[0]
    ordered = sorted(documents, key=lambda one: (one.posting_date, one.number, one.external_ref))
    sequence = after.sequence + 1 if after else 1
    previous = after.sha256 if after else NO_FILE_BEFORE
    created_at = now.astimezone(UTC).replace(microsecond=0)
    body = [record for document in ordered for record in document.records]
    totals = control_totals(first.stream.kind, body)
    header = Record(
        RecordType.HEADER,
        {
            "schema_version": str(SCHEMA_VERSION),
            "source": source,
            "entity": first.stream.company,
            "kind": first.stream.kind.value,
            "period": first.period,
            "sequence": f"{sequence:06d}",
            "previous_sha256": previous,
            "created_at": created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "policy": policy_of(first.stream.kind),
        },
    )
    content = in_format.encoded([header, *body, *map(_currency_record, totals.currencies), _trailer(totals)])
    extension = in_format.shape.extension
    file = DeliveryFile(
        stream=first.stream,
        name=f"{source}.{first.stream.company}.{first.stream.kind}.{first.period}.{sequence:06d}.{extension}",
        source=source,
        period=first.period,
        sequence=sequence,
        previous_sha256=previous,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        format=in_format,
        created_at=created_at,
        totals=totals,
        documents=tuple(
            SentDocument(external_ref=one.external_ref, number=one.number, gross=one.gross) for one in ordered
        ),
    )
    return NextFile(file, content)


def _currency_record(totals: CurrencyTotals) -> Record:
    names = ("currency", "exponent", "documents", "debits", "credits", "net", "tax", "gross")
    return Record(RecordType.CURRENCY, {name: str(getattr(totals, name)) for name in names})


def _trailer(totals: ControlTotals) -> Record:
    names = ("documents", "lines", "taxes", "journal_lines", "account_hash", "periods")
    texts = ("first_posting_date", "last_posting_date", "first_number", "last_number")
    values = {name: str(getattr(totals, name)) for name in (*names, *texts)}
    return Record(RecordType.TRAILER, values | {"currencies": str(len(totals.currencies))})
