"""Invoices and credit memos: created incomplete with their lines at once, compared, completed.

No key of ours is enforced, and no document says by which codes a repeated number or a closed period is refused: what a
refusal means is asked of Fusion itself.
"""

from typing import assert_never

from shared.adapters.erp.oracle_fusion.customers import FusionCustomers
from shared.adapters.erp.oracle_fusion.errors import UNKNOWN, after_refusal
from shared.adapters.erp.oracle_fusion.periods import FusionPeriods
from shared.adapters.erp.oracle_fusion.resources import FusionResources, Unread, equals
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.adapters.erp.oracle_fusion.transaction_names import TRANSACTIONS
from shared.adapters.erp.oracle_fusion.transactions import COMPLETE, posted_document, transaction_fields
from shared.adapters.erp.reply_classes import after_failed_write
from shared.adapters.erp.session import CallResult
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.identifiers import ExternalRef
from shared.domain.posting.comparison import differences
from shared.domain.posting.credited_invoice import not_creditable
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.outcome import (
    Absent,
    Ambiguous,
    AuthFailed,
    Draft,
    Duplicate,
    ErpRef,
    Found,
    Location,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    RejectionCode,
    RejectionKind,
    Submission,
    Throttled,
    Uncertain,
)
from shared.domain.posting.readings import CustomerReady


class FusionReceivables:
    """The transactions of one business unit."""

    def __init__(
        self, resources: FusionResources, settings: FusionSettings, customers: FusionCustomers, periods: FusionPeriods
    ) -> None:
        self._resources = resources
        self._settings = settings
        self._customers = customers
        self._periods = periods

    def submit(self, document: PostingDocument) -> Submission:
        beyond = self._beyond_its_invoice(document)
        if beyond is not None:
            return beyond
        customer = self._customers.ensure(document.party)
        if not isinstance(customer, CustomerReady):
            return customer
        fields = transaction_fields(document, self._settings, customer=customer.key)
        result = self._resources.send("POST", TRANSACTIONS[document.kind].resource, fields)
        if isinstance(result, Reply) and result.succeeded:
            return _created(result, document)
        outcome = _after_failure(result)
        return self._explained(outcome, document) if isinstance(outcome, Rejected) else outcome

    def advance(self, ref: ErpRef, document: PostingDocument) -> Submission:
        draft = self.read(ref, document.kind)
        if isinstance(draft, LookupFailed):
            return Uncertain(f"the draft could not be read before it is completed: {draft.reason}")
        if draft.posted:
            return Posted(ref)
        differing = differences(document, draft)
        if differing:
            return Rejected.of(RejectionCode.DRAFT_DIFFERS, "; ".join(differing))
        return self._complete(ref, document)

    def discard(self, ref: ErpRef, kind: DocumentKind) -> None:
        """Have an incomplete transaction deleted; Fusion itself deletes no complete one."""
        draft = self.read(ref, kind)
        if isinstance(draft, PostedDocument) and not draft.posted:
            self._resources.send("DELETE", f"{TRANSACTIONS[kind].resource}/{ref.value}")

    def find(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        names = TRANSACTIONS[kind]
        ours = equals("BusinessUnit", self._settings.mapping.company), equals(self._settings.key_field, external_ref)
        page = self._resources.page(names.resource, ours, expand=names.with_amounts)
        if isinstance(page, Unread):
            return page.lookup
        if len(page.rows) > 1:
            return Ambiguous(tuple(ErpRef(str(row.get("CustomerTransactionId"))) for row in page.rows))
        if not page.rows:
            return Absent()
        document = posted_document(page.rows[0], self._settings, kind)
        return document if isinstance(document, LookupFailed) else Found(document)

    def read(self, ref: ErpRef, kind: DocumentKind) -> PostedDocument | LookupFailed:
        names = TRANSACTIONS[kind]
        fields = self._resources.one(names.resource, ref.value, expand=names.with_amounts)
        return fields.lookup if isinstance(fields, Unread) else posted_document(fields, self._settings, kind)

    def _beyond_its_invoice(self, memo: PostingDocument) -> Rejected | Throttled | AuthFailed | None:
        """Refuse what Fusion would not: it takes a credit memo on account, whatever invoice it is meant for."""
        if memo.corrects is None:
            return None
        names = TRANSACTIONS[DocumentKind.INVOICE]
        fields = self._resources.one(names.resource, memo.corrects.erp_ref, expand=names.with_amounts)
        if isinstance(fields, Unread):
            if not fields.is_missing:
                return fields.before_write
            text = f"the invoice {memo.corrects.human_number} with id {memo.corrects.erp_ref} is not there"
            return Rejected.of(RejectionCode.INVOICE_MISSING, text)
        invoice = posted_document(fields, self._settings, DocumentKind.INVOICE)
        if isinstance(invoice, LookupFailed):
            return Throttled()
        return not_creditable(invoice, memo)

    def _complete(self, ref: ErpRef, document: PostingDocument) -> Submission:
        names = TRANSACTIONS[document.kind]
        result = self._resources.send("PATCH", f"{names.resource}/{ref.value}", {names.status: COMPLETE})
        if isinstance(result, Reply) and result.succeeded:
            return Posted(ref)
        outcome = _after_failure(result)
        if not isinstance(outcome, Rejected):
            return outcome
        by_now = self.read(ref, document.kind)
        if isinstance(by_now, LookupFailed):
            return Uncertain(f"{outcome.code}: {outcome.text}; whether it is posted nobody could see: {by_now.reason}")
        if by_now.posted:
            return Posted(ref)  # an earlier attempt of ours got through
        return self._with_period(outcome, document)

    def _explained(self, refusal: Rejected, document: PostingDocument) -> Submission:
        """Say what an undocumented code means: whether our document is there already, or its period closed."""
        if refusal.kind is not UNKNOWN:
            return refusal
        match self.find(document.external_ref, document.kind):
            case Found() | Ambiguous():
                return Duplicate()
            case Absent():
                return self._with_period(refusal, document)
            case LookupFailed(reason=reason):
                return Uncertain(f"{refusal.code}: {refusal.text}; whether it is there nobody could see: {reason}")
            case _ as never:
                assert_never(never)

    def _with_period(self, refusal: Rejected, document: PostingDocument) -> Rejected:
        if refusal.kind is UNKNOWN and self._periods.is_closed(document.kind, document.posting_date):
            return Rejected(RejectionKind.PERIOD, refusal.code, refusal.text)
        return refusal


def _created(reply: Reply, document: PostingDocument) -> Submission:
    try:
        fields = reply.json()
        ref = ErpRef(str(fields["CustomerTransactionId"]))
        is_complete = fields[TRANSACTIONS[document.kind].status] == COMPLETE
    except (MalformedReplyError, KeyError):
        return Uncertain("the reply to the new transaction names no id or no status")
    return Posted(ref) if is_complete else Draft(ref)


def _after_failure(result: CallResult) -> Submission:
    outcome = after_failed_write(result)
    if outcome is not None or not isinstance(result, Reply):
        return outcome or Uncertain("no reply")
    return after_refusal(result)
