"""Everything an ERP adapter may answer: a closed set, so that no caller has to read a status code."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

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
    """Definitely not created; a person must look."""

    kind: RejectionKind
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """Definitely not processed; try the same attempt again later. `reason` is "" where the ERP itself was busy."""

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
