"""A document that was accepted for a file: what its records say, and what became of it at the receiver."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Self

from shared.domain.erp_files.record import Record
from shared.domain.identifiers import ExternalRef, LegalEntityId
from shared.domain.money import Money
from shared.domain.posting.document import DocumentKind


@dataclass(frozen=True, slots=True)
class Receiver:
    """One company at a receiver of files, by the receiver's own key."""

    legal_entity_id: LegalEntityId
    company: str


@dataclass(frozen=True, slots=True)
class FileStream:
    """The files of one kind of document of one company: one gap-free sequence, one chain.

    `company` is the ERP's key of the legal entity.
    """

    legal_entity_id: LegalEntityId
    company: str
    kind: DocumentKind


class VerdictStatus(StrEnum):
    POSTED = "POSTED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the receiver says of one document. Number, day and amounts are the ledger's, of one that is POSTED."""

    external_ref: ExternalRef
    status: VerdictStatus
    number: str = ""
    posting_date: date | None = None
    net: Money | None = None
    tax: Money | None = None
    gross: Money | None = None
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedDocument:
    """A document as it will stand in a file, for ever. `digest` is that of the document, not of its records.

    `period` is YYYY-MM. Until a file has taken it `file` is "".
    """

    stream: FileStream
    external_ref: ExternalRef
    digest: str
    number: str
    period: str
    posting_date: date
    net: Money
    tax: Money
    gross: Money
    records: tuple[Record, ...]
    file: str = ""
    verdict: Verdict | None = None

    def answered(self, file: str, verdict: Verdict | None) -> Self:
        return replace(self, file=file, verdict=verdict)
