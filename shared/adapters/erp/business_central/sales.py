"""Sales invoices and credit memos: drafted, compared, posted.

Business Central computes tax itself and enforces no unique external document number, so a draft's totals are compared
before it is posted, and nothing is resent without a look-up.
"""

from urllib.parse import quote

from shared.adapters.erp.business_central.company import Company, Row, after_failure, filtered, text
from shared.adapters.erp.business_central.customers import ensure_customer
from shared.adapters.erp.business_central.documents import (
    CANCELED,
    NOT_IN_THE_LEDGER,
    SALES_DOCUMENTS,
    document_fields,
    posted_document,
    state_of,
)
from shared.adapters.erp.business_central.periods import refined_refusal
from shared.adapters.erp.business_central.tax import NO_TAX_CODE
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.identifiers import ExternalRef
from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind, PostingDocument
from shared.domain.posting.doubles import without_reversed
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
    Uncertain,
)


class SalesDocuments:
    """The sales documents of one company."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def submit(self, document: PostingDocument) -> Submission:
        not_ready = ensure_customer(self._company, document.party)
        if not_ready is not None:
            return not_ready
        collection = SALES_DOCUMENTS[document.kind].collection
        result = self._company.call("POST", collection, body=document_fields(document, self._company.entity))
        if not isinstance(result, Reply) or not result.succeeded:
            return after_failure(result)
        try:
            return Draft(ErpRef(str(result.json()["id"])))
        except (MalformedReplyError, KeyError):
            return Uncertain("the reply to the new draft names no id")

    def advance(self, ref: ErpRef, document: PostingDocument) -> Submission:
        draft = self.read(ref, document.kind)
        if isinstance(draft, LookupFailed):
            return Uncertain(f"the draft could not be read before posting: {draft.reason}")
        if draft.posted:
            return Posted(ref)
        differing = differences(document, draft)
        if differing:
            return Rejected.of(RejectionCode.DRAFT_DIFFERS, "; ".join(differing))
        result = self._company.call("POST", f"{_place(ref, document.kind)}/Microsoft.NAV.post")
        if isinstance(result, Reply) and result.succeeded:
            return Posted(ref)
        outcome = self._unless_posted(ref, document.kind, after_failure(result))
        return refined_refusal(self._company, outcome, document.posting_date)

    def discard(self, ref: ErpRef, kind: DocumentKind) -> None:
        # The very version that is read as a draft: a person may post it now, and a company's setup may let what is
        # posted be deleted ("Allow Document Deletion Before").
        fields = self._fields(ref, kind)
        if isinstance(fields, LookupFailed):
            return
        document = posted_document(fields, self._company.entity, kind)
        if isinstance(document, PostedDocument) and not document.posted and (etag := fields.get("@odata.etag")):
            self._company.call("DELETE", _place(ref, kind), headers={"If-Match": str(etag)})

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        condition = f"externalDocumentNumber eq {text(external_ref)}"
        collection = SALES_DOCUMENTS[kind].collection
        found = self._company.rows(filtered(collection, condition, expand=self._lines_to_read(kind)))
        if isinstance(found, LookupFailed):
            return found
        counting = without_reversed(found, is_posted=_is_posted, is_reversed=lambda one: state_of(one) == CANCELED)
        if len(counting) > 1:
            return Ambiguous(tuple(ErpRef(str(fields.get("id"))) for fields in counting))
        if not counting:
            return Absent()
        document = posted_document(counting[0], self._company.entity, kind)
        return document if isinstance(document, LookupFailed) else Found(document)

    def read(self, ref: ErpRef, kind: DocumentKind) -> PostedDocument | LookupFailed:
        fields = self._fields(ref, kind)
        return fields if isinstance(fields, LookupFailed) else posted_document(fields, self._company.entity, kind)

    def _fields(self, ref: ErpRef, kind: DocumentKind) -> Row | LookupFailed:
        lines = self._lines_to_read(kind)
        return self._company.entity_at(_place(ref, kind) + (f"?$expand={lines}" if lines else ""))

    def _unless_posted(self, ref: ErpRef, kind: DocumentKind, outcome: Submission) -> Submission:
        """Return Posted for a refusal to post what is posted already: an earlier attempt of ours got through."""
        if not isinstance(outcome, Rejected):
            return outcome
        document = self.read(ref, kind)
        if isinstance(document, LookupFailed):
            return Uncertain(
                f"{outcome.code}: {outcome.text}; whether it is posted nobody could see: {document.reason}"
            )
        return Posted(ref) if document.posted else outcome

    def _lines_to_read(self, kind: DocumentKind) -> str:
        """Return the lines to expand: one of them may be tax, where this company has a code for untaxed lines."""
        return SALES_DOCUMENTS[kind].lines if NO_TAX_CODE in self._company.entity.erp.settings else ""


def _is_posted(fields: Row) -> bool:
    return state_of(fields) not in NOT_IN_THE_LEDGER


def _place(ref: ErpRef, kind: DocumentKind) -> str:
    return f"{SALES_DOCUMENTS[kind].collection}({quote(ref.value)})"
