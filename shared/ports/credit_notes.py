"""Credit notes by invoice and request, and what has been credited of each invoice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.domain.identifiers import InvoiceId, LegalEntityId
from shared.domain.invoicing.credit_note import CreditNote
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.invoicing.standing import Standing
from shared.domain.posting.intent import PostingIntent
from shared.domain.tax.intent import TaxIntent
from shared.ports.invoices import StoredInvoice


class CreditNoteChangedError(Exception):
    """Somebody else has changed the credit note since it was read. Nothing was stored: read it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCreditNote:
    note: CreditNote
    version: int


class CreditNotes(Protocol):
    """Every write expects the stored version to be one below the given one's (none for 1)."""

    def read(self, invoice_id: InvoiceId, revision: int, request_id: str) -> StoredCreditNote | None:
        """Return the credit note as it is now, never a stale copy."""

    def of_invoice(self, invoice_id: InvoiceId, revision: int) -> tuple[CreditNote, ...]:
        """Return all credit notes of an invoice, whatever their state, by their requests' ids; never a stale copy."""

    def standing(self, invoice_id: InvoiceId, revision: int) -> Standing:
        """Return how an invoice stands: to be read before all that is worked out from it; never a stale copy."""

    def every(self) -> Iterator[CreditNote]:
        """Yield all credit notes of the tenant, in no order. Reads the whole store."""

    def save(self, stored: StoredCreditNote) -> None:
        """Store a credit note that is not issued by this change; raise CreditNoteChangedError if it has changed."""

    def series(self, legal_entity_id: LegalEntityId, prefix: str) -> InvoiceSeries: ...

    def issue(
        self,
        stored: StoredCreditNote,
        *,
        rests_on: Sequence[Standing],
        series: InvoiceSeries,
        intent: PostingIntent,
        tax_intent: TaxIntent | None = None,
        voids: StoredInvoice | None = None,
    ) -> None:
        """Store the numbered credit note, its series, its posting intent and its tax intent, all or nothing.

        `rests_on` is how the invoice, and any other, stood when what is credited was worked out; the invoice has one
        credit note more then. An invoice that it `voids` is stored as it is from then on, is counted among those of its
        contract that were voided, and has the next bill run look at all billing periods of the contract.

        Raises CreditNoteChangedError, CreditedMeanwhileError or SeriesMovedError (ports.invoices) or
        AccountingPeriodClosedError (ports.posting_intents); nothing is stored then.
        """
