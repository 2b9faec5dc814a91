"""The books of a run: what every stage holds, read from the stores themselves, with the fate of every delivery."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from shared.domain.exception_record import ExceptionRecord
from shared.domain.identifiers import InvoiceId, MeterCode
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.invoice import Invoice
from shared.domain.metering.aggregate import AggregateState, WindowKey
from shared.domain.posting.intent import PostingIntent
from shared.domain.receivables.receivable import Receivable
from shared.domain.reconciliation.late_windows import LateWindow


class Fate(StrEnum):
    """Where a delivery ended. LOST never happens; it is here so that it would be seen.

    What was metered and is VOIDED no longer counts; a CORRECTION voids other usage and is none itself.
    """

    METERED = "metered"
    DUPLICATE = "duplicate"
    CONFLICTING = "conflicting"
    PARKED = "parked"
    NOT_MEASURED = "not measured"
    QUARANTINED = "quarantined"
    TELEMETRY = "telemetry"
    HEARTBEAT = "heartbeat"
    VOIDED = "voided"
    CORRECTION = "correction"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFate:
    """Where one delivery ended, or what one meter measures of it: an event may feed several meters, or none.

    `window` is set for what is metered, `code` for what is refused or parked; `meter` and `quantity` are those of the
    measurement, and the event's own where there is none. `correction` links an event with the one that it corrects, or
    that corrects it, and says why.
    """

    delivery: str
    fate: Fate
    source: str = ""
    event_id: str = ""
    occurred_at: datetime | None = None
    meter: MeterCode | None = None
    quantity: Decimal | None = None
    window: WindowKey | None = None
    code: str = ""
    reason: str = ""
    correction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpDocument:
    """One document as an ERP simulator holds it. Amounts are in currency units of `currency`, of a credit memo too."""

    kind: Literal["invoice", "credit_memo"]
    connection: str
    company: str
    external_ref: str
    number: str
    accounting_period: str
    currency: str
    net: Decimal
    tax: Decimal
    gross: Decimal

    @property
    def signed_gross(self) -> Decimal:
        """What it adds to the receivable."""
        return -self.gross if self.kind == "credit_memo" else self.gross


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Everything a run left behind. `invoices` are the newest revisions, `reversed` all that a void reverses."""

    events_in_file: int
    events_not_arrived: int  # those of the file that arrive after the simulated end
    refused_by_producer: int
    fates: tuple[DeliveryFate, ...]
    windows: Mapping[WindowKey, tuple[int, AggregateState]]
    late_windows: Mapping[WindowKey, tuple[LateWindow, ...]]  # those of the windows to which usage came late
    events_in_ledger: int
    invoices: Mapping[InvoiceId, Invoice]
    credit_notes: tuple[CreditNote, ...]
    intents: tuple[PostingIntent, ...]
    exceptions: tuple[ExceptionRecord, ...]
    erp_documents: tuple[ErpDocument, ...]
    as_of: datetime  # simulated end of the run, UTC
    reversed: tuple[Invoice, ...] = ()
    receivables: tuple[Receivable, ...] = ()  # of the postings whose ERPs tell what is owed
    on_their_way: tuple[PostingIntent, ...] = ()  # what relay and resolver find to bring on, journals too

    def count(self, fate: Fate) -> int:
        return sum(1 for item in self.fates if item.fate is fate)

    def deliveries(self, *fates: Fate) -> int:
        """Return how many deliveries ended, in whole or in part, in one of the fates; without any, in whichever."""
        return len({item.delivery for item in self.fates if not fates or item.fate in fates})


def latest_revisions(invoices: Iterable[Invoice]) -> dict[InvoiceId, Invoice]:
    """Keep the newest revision of each invoice, in the order of their ids."""
    newest: dict[InvoiceId, Invoice] = {}
    for invoice in sorted(invoices, key=lambda item: (item.invoice_id, item.revision)):
        newest[invoice.invoice_id] = invoice
    return newest
