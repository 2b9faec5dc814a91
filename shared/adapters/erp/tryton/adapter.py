"""Tryton: draft, compare, post (port ReadableErp). Nothing in stock Tryton makes a reference of ours unique.

So nothing is resent without a look-up, which finds drafts, what is posted, and every copy.
"""

from collections.abc import Mapping, Sequence

from shared.adapters.erp.tryton.check import checked
from shared.adapters.erp.tryton.connection import Row, TrytonConnection, Unread, record_of
from shared.adapters.erp.tryton.credits import apply_credit
from shared.adapters.erp.tryton.customers import Customer, ensured_customer, readings
from shared.adapters.erp.tryton.documents import INVOICE_FIELDS, INVOICE_MODEL, counting_invoices, posted_invoice
from shared.adapters.erp.tryton.drafts import Drafts, journal_code
from shared.adapters.erp.tryton.errors import after_failure
from shared.adapters.erp.tryton.journals import MOVE_FIELDS, MOVE_MODEL, counting_moves, posted_move
from shared.adapters.erp.tryton.periods import periods_of
from shared.adapters.erp.tryton.posting import model_of, post
from shared.adapters.erp.tryton.reference import reference_data
from shared.adapters.erp.tryton.settlements import settlement_page
from shared.adapters.http.transport import Reply
from shared.domain.identifiers import ExternalRef
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Currency
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind, PostingDocument, PostingParty
from shared.domain.posting.journal import Document
from shared.domain.posting.limits import unfit
from shared.domain.posting.notices import ASKED_INSTEAD
from shared.domain.posting.outcome import (
    Absent,
    Ambiguous,
    Draft,
    ErpRef,
    Found,
    Location,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    RejectionCode,
    Submission,
    Ticket,
    Uncertain,
)
from shared.domain.posting.readings import (
    ConnectionReport,
    CustomerOutcome,
    CustomerReading,
    CustomerReady,
    Notices,
    NotSupported,
    Periods,
    ReferenceData,
    ReferenceKind,
    Settlements,
)
from shared.domain.posting.systems.tryton import TRYTON
from shared.ports.clock import Clock


class TrytonErp:
    """One company of one database."""

    def __init__(self, connection: TrytonConnection, entity: LegalEntity, clock: Clock) -> None:
        self._connection = connection
        self._entity = entity
        self._clock = clock
        self._drafts = Drafts(connection, entity)

    def capabilities(self) -> Capabilities:
        return TRYTON.capabilities.as_set(self._entity.erp.settings)

    def check_connection(self) -> ConnectionReport:
        return checked(self._connection, frozenset(journal_code(self._entity, kind) for kind in DocumentKind))

    def ensure_customer(self, party: PostingParty, currency: Currency) -> CustomerOutcome:
        del currency  # a party of Tryton's buys in any
        customer = ensured_customer(self._connection, party)
        return CustomerReady(str(customer.party)) if isinstance(customer, Customer) else customer

    def find_customers(self, party: PostingParty) -> tuple[CustomerReading, ...] | LookupFailed:
        return readings(self._connection, party)

    def submit(self, document: Document) -> Submission:
        refusal = unfit(document, self._entity.erp, TRYTON)
        if refusal is not None:
            return refusal
        body = self._drafts.fields_of(document)
        if not isinstance(body, Mapping):
            return body
        result = self._connection.rest("POST", model_of(document.kind), body=body, fields=["state"])
        if not isinstance(result, Reply) or not result.succeeded:
            return after_failure(result)
        draft = record_of(result)
        return Uncertain("the reply to the new draft names no id") if draft is None else Draft(ErpRef(str(draft["id"])))

    def advance(self, ref: ErpRef, document: Document) -> Submission:
        draft = self.read(ref, document.kind)
        if isinstance(draft, LookupFailed):
            return Uncertain(f"the draft could not be read before posting: {draft.reason}")
        outcome: Submission = Posted(ref)
        if not draft.posted:
            differing = differences(document, draft)
            if differing:
                return Rejected.of(RejectionCode.DRAFT_DIFFERS, "; ".join(differing))
            outcome = self._unless_posted(document.kind, ref, post(self._connection, ref, document.kind))
        if isinstance(outcome, Posted) and isinstance(document, PostingDocument) and document.corrects is not None:
            apply_credit(self._connection, ref, document)
        return outcome

    def _unless_posted(self, kind: DocumentKind, ref: ErpRef, outcome: Submission) -> Submission:
        """Return Posted for a refusal to post what is posted already: an earlier attempt of ours got through."""
        if not isinstance(outcome, Rejected):
            return outcome
        document = self.read(ref, kind)
        if isinstance(document, LookupFailed):
            return Uncertain(
                f"{outcome.code}: {outcome.text}; whether it is posted nobody could see: {document.reason}"
            )
        return Posted(ref) if document.posted else outcome

    def poll(self, ticket: Ticket, document: Document) -> Submission:
        del document
        return Uncertain(f"Tryton gives no tickets: {ticket.value}")  # what it takes it answers at once

    def discard(self, ref: ErpRef, kind: DocumentKind) -> None:
        document = self.read(ref, kind)
        if isinstance(document, PostedDocument) and not document.posted:
            self._connection.rest("DELETE", f"{model_of(kind)}/{ref.value}")  # refused where it was posted meanwhile

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        found = self._carrying(external_ref, kind)
        if isinstance(found, Unread):
            return found.failed
        if len(found) > 1:
            return Ambiguous(tuple(ErpRef(str(row.get("id"))) for row in found))
        if not found:
            return Absent()
        document = _reading(found[0], kind)
        return document if isinstance(document, LookupFailed) else Found(document)

    def _carrying(self, external_ref: ExternalRef, kind: DocumentKind) -> Sequence[Row] | Unread:
        own = ["company", "=", self._connection.company]
        if kind is DocumentKind.JOURNAL:
            moves = self._connection.rows(MOVE_MODEL, [own, ["description", "=", external_ref]], MOVE_FIELDS)
            return moves if isinstance(moves, Unread) else counting_moves(moves)
        domain = [own, ["type", "=", "out"], ["reference", "=", external_ref]]
        found = self._connection.rows(INVOICE_MODEL, domain, INVOICE_FIELDS)
        return found if isinstance(found, Unread) else counting_invoices(found, kind)

    def read(self, ref: ErpRef, kind: DocumentKind) -> PostedDocument | LookupFailed:
        fields = MOVE_FIELDS if kind is DocumentKind.JOURNAL else INVOICE_FIELDS
        row = self._connection.record(model_of(kind), ref.value, fields)
        return row.failed if isinstance(row, Unread) else _reading(row, kind)

    def settlements(self, cursor: str) -> Settlements:
        return settlement_page(self._connection, cursor, now=self._clock.now())

    def renew_notices(self, url: str, token: str) -> Notices:
        del url, token
        return NotSupported(ASKED_INSTEAD)

    def periods(self, kind: DocumentKind) -> Periods:
        return periods_of(self._connection, journal_code(self._entity, kind))

    def reference(self, kind: ReferenceKind) -> ReferenceData:
        return reference_data(self._connection, kind)


def _reading(row: Row, kind: DocumentKind) -> PostedDocument | LookupFailed:
    return posted_move(row) if kind is DocumentKind.JOURNAL else posted_invoice(row, kind)
