"""Invoices by id and revision, each change fenced by a version, and the series that numbers them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import ContractId, InvoiceId, LegalEntityId
from shared.domain.invoicing.billed_document import BilledDocument
from shared.domain.invoicing.invoice import Invoice
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.posting.intent import PostingIntent
from shared.domain.tax.intent import TaxIntent


class InvoiceChangedError(Exception):
    """Somebody else has changed the invoice since it was read. Nothing was stored: read it again."""


class CreditedMeanwhileError(Exception):
    """A credit note or another invoice has changed what this rests on. Nothing was stored: work it out again."""


class SeriesMovedError(Exception):
    """Another invoice took the number first. Nothing was stored: read the series again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInvoice:
    """An invoice as stored. `raised` are the exceptions that its drafts have raised; they are resolved at issue."""

    invoice: Invoice
    version: int
    raised: tuple[ExceptionCode, ...] = ()


class Invoices(Protocol):
    """Every write expects the stored version to be one below the given one's (none for 1)."""

    def read(self, invoice_id: InvoiceId, revision: int) -> StoredInvoice | None:
        """Return the invoice as it is now, never a stale copy."""

    def read_many(self, invoice_ids: Collection[InvoiceId], revision: int) -> Mapping[InvoiceId, Invoice]:
        """Return those invoices that exist."""

    def newest(self, invoice_ids: Collection[InvoiceId]) -> Mapping[InvoiceId, Invoice]:
        """Return the newest revision of each that has any: the live one, or the voided one that none follows yet."""

    def documents(self, invoice_ids: Collection[InvoiceId]) -> Mapping[InvoiceId, BilledDocument]:
        """Return the same with the issued credit notes of each, which are read only where there are any."""

    def voids(self, contract_id: ContractId) -> int:
        """Return how many invoices of a contract were voided so far, never a stale count."""

    def every(self) -> Iterator[Invoice]:
        """Yield all revisions of all invoices of the tenant, in no order. Reads the whole store."""

    def save(self, stored: StoredInvoice) -> None:
        """Store an invoice that is not issued by this change; raise InvoiceChangedError if it has changed."""

    def series(self, legal_entity_id: LegalEntityId, prefix: str) -> InvoiceSeries: ...

    def issue(
        self,
        stored: StoredInvoice,
        *,
        series: InvoiceSeries,
        intent: PostingIntent,
        tax_intent: TaxIntent | None = None,
        members: Sequence[StoredInvoice] = (),
    ) -> None:
        """Store the numbered invoice, its series, its posting intent and, for an outside engine, its tax intent.

        With it the bills of `members` whose lines it has.

        All or nothing. The invoices that it rests on have one more that adjusts them then.

        Raises InvoiceChangedError, CreditedMeanwhileError where one that it rests on stands otherwise by now,
        SeriesMovedError or AccountingPeriodClosedError; nothing is stored then.
        """
