"""Everything an ERP adapter may answer: a closed set, so that no caller has to read a status code."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Self, TypeAlias, assert_never

from shared.domain.money import Money


@dataclass(frozen=True, slots=True)
class ErpRef:
    """The ERP's own key of a document, e.g. a GUID or an internal id."""

    value: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """What an ERP is to be asked by about a document that it has taken but not posted yet; the adapter's own format."""

    value: str


class RejectionKind(StrEnum):
    MAPPING = "mapping"
    PERIOD = "period"
    VALIDATION = "validation"
    PERMISSION = "permission"
    CONFIGURATION = "configuration"


class RejectionCode(StrEnum):
    """Why we refuse what an ERP would take, or has no code for: one for each situation, whichever ERP it is."""

    NOT_MAPPED = "NOT_MAPPED"  # the mapping has no name for it
    NOT_IN_ERP = "NOT_IN_ERP"  # what the mapping names is not there
    CUSTOMER_MISSING = "CUSTOMER_MISSING"  # and we are not to create it
    PERIOD_CLOSED = "PERIOD_CLOSED"
    NO_SINGLE_PERIOD = "NO_SINGLE_PERIOD"  # none holds the day, or several do
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    NOT_IN_ENCODING = "NOT_IN_ENCODING"
    TOO_MANY_LINES = "TOO_MANY_LINES"
    INVOICE_MISSING = "INVOICE_MISSING"  # the one that is credited
    NOT_ITS_INVOICE = "NOT_ITS_INVOICE"  # it is of another company or currency than its credit memo
    BEYOND_INVOICE = "BEYOND_INVOICE"  # more is credited than was invoiced
    FOREIGN_CURRENCY = "FOREIGN_CURRENCY"  # of a journal, where only the company's own is taken
    DRAFT_DIFFERS = "DRAFT_DIFFERS"  # from its document; it is not posted
    STAGED_DIFFERS = "STAGED_DIFFERS"  # what is staged under its key is another document
    IMPORT_FAILED = "IMPORT_FAILED"
    CUSTOMER_BLOCKED = "CUSTOMER_BLOCKED"
    NO_ADDRESS = "NO_ADDRESS"  # of a customer
    KIND_NOT_SUPPORTED = "KIND_NOT_SUPPORTED"  # of document
    SETTING = "SETTING"  # of the mapping, that nothing can be done by
    NOT_TAKEN = "NOT_TAKEN"  # a file, and the ERP says no more
    NOT_ENCRYPTED = "NOT_ENCRYPTED"
    NO_RECORDS = "NO_RECORDS"  # where this runs, nothing is staged for a file

    @property
    def kind(self) -> RejectionKind:
        match self:
            case RejectionCode.NOT_MAPPED | RejectionCode.NOT_IN_ERP | RejectionCode.CUSTOMER_MISSING:
                return RejectionKind.MAPPING
            case RejectionCode.PERIOD_CLOSED | RejectionCode.NO_SINGLE_PERIOD:
                return RejectionKind.PERIOD
            case (
                RejectionCode.TEXT_TOO_LONG
                | RejectionCode.NOT_IN_ENCODING
                | RejectionCode.TOO_MANY_LINES
                | RejectionCode.INVOICE_MISSING
                | RejectionCode.NOT_ITS_INVOICE
                | RejectionCode.BEYOND_INVOICE
                | RejectionCode.FOREIGN_CURRENCY
                | RejectionCode.DRAFT_DIFFERS
                | RejectionCode.STAGED_DIFFERS
                | RejectionCode.IMPORT_FAILED
            ):
                return RejectionKind.VALIDATION
            case (
                RejectionCode.CUSTOMER_BLOCKED
                | RejectionCode.NO_ADDRESS
                | RejectionCode.KIND_NOT_SUPPORTED
                | RejectionCode.SETTING
                | RejectionCode.NOT_TAKEN
                | RejectionCode.NOT_ENCRYPTED
                | RejectionCode.NO_RECORDS
            ):
                return RejectionKind.CONFIGURATION
            case _ as never:
                assert_never(never)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedDocument:
    """What the ERP says it holds, read back. `posted` is False for a draft that is not in its ledger.

    `number` is the ERP's own. `human_number` is what it has where ours was sent, the same field in an ERP that is to
    number as we say; None: it says nothing of it.
    """

    ref: ErpRef
    external_ref: str
    number: str
    posted: bool
    accounting_period: str  # YYYY-MM
    net: Money
    tax: Money
    gross: Money
    exchange_rate: Decimal | None = None  # None: the ERP says nothing of it
    human_number: str | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """In the ledger."""

    ref: ErpRef


@dataclass(frozen=True, slots=True)
class Draft:
    """The ERP has the document, its ledger has not: advance() it."""

    ref: ErpRef


@dataclass(frozen=True, slots=True)
class Accepted:
    """The ERP has taken it, its ledger has not yet, and bringing it there is not ours: poll()."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The ERP says that it has this key already: locate() it and compare."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Definitely not created; a person must look. `code` is the ERP's own where it has one, else a RejectionCode."""

    kind: RejectionKind
    code: str
    text: str

    @classmethod
    def of(cls, code: RejectionCode, text: str) -> Self:
        """Return a rejection in our words: the kind is that of its situation, in every ERP."""
        return cls(code.kind, code, text)


@dataclass(frozen=True, slots=True)
class Throttled:
    """Definitely not processed; try the same attempt again later. `reason` is "" where the ERP itself was busy.

    `retry_after_seconds` is 0 where it was busy and did not say for how long, None where it could not be asked.
    """

    retry_after_seconds: int | None = None
    reason: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Nobody knows. After the quiet period: locate(); only Absent, twice and spaced, permits a resend."""

    reason: str


@dataclass(frozen=True, slots=True)
class AuthFailed:
    """Not processed; credentials were refused after one forced renewal, or are not to be sent to such a server."""

    text: str


@dataclass(frozen=True, slots=True)
class NoCredentials(AuthFailed):
    """Not processed; there are none that could be refused. `text` says what is to be done."""


Submission: TypeAlias = Posted | Draft | Accepted | Duplicate | Rejected | Throttled | Uncertain | AuthFailed


@dataclass(frozen=True, slots=True)
class Found:
    document: PostedDocument


@dataclass(frozen=True, slots=True)
class Absent:
    """Not there now; straight after a timeout this proves nothing."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """More than one document carries our key: a double that a person must reverse."""

    refs: tuple[ErpRef, ...]


@dataclass(frozen=True, slots=True)
class LookupFailed:
    reason: str


@dataclass(frozen=True, slots=True)
class Unreached(LookupFailed):
    """The ERP has not said anything, or lets nobody in: whatever else is asked of it now fails alike."""

    refused: bool = False  # it refuses these credentials, or is not to be trusted with them


Location: TypeAlias = Found | Absent | Ambiguous | LookupFailed
