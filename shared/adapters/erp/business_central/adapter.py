"""Microsoft Dynamics 365 Business Central, API v2.0: draft, compare, post (port Erp).

Entra client credentials. Business Central computes tax itself and enforces no unique external document number, so the
draft's totals are compared before it is posted, and nothing is resent without a look-up.
"""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from shared.adapters.erp.business_central.documents import (
    SALES_DOCUMENTS,
    customer_fields,
    document_fields,
    posted_document,
)
from shared.adapters.erp.business_central.errors import after_refusal
from shared.adapters.erp.business_central.tax import NO_TAX_CODE, difference_of
from shared.adapters.erp.customer_key import customer_key
from shared.adapters.erp.reply_classes import after_failed_write, before_any_write, why_not_read
from shared.adapters.erp.session import CallResult, ErpSession
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.identifiers import ExternalRef
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind, PostingDocument, PostingParty
from shared.domain.posting.journal import Document
from shared.domain.posting.limits import unfit
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
    RejectionKind,
    Submission,
    Throttled,
    Ticket,
    Uncertain,
)
from shared.domain.posting.systems.business_central import BUSINESS_CENTRAL


class BusinessCentralErp:
    """One company of one Business Central environment."""

    def __init__(self, session: ErpSession, entity: LegalEntity) -> None:
        self._session = session
        self._entity = entity
        self._company = f"/companies({quote(entity.erp.company)})"

    def capabilities(self) -> Capabilities:
        return BUSINESS_CENTRAL.capabilities

    def submit(self, document: Document) -> Submission:
        has_remainder = isinstance(document, PostingDocument) and difference_of(document).amount
        needed = (NO_TAX_CODE,) if has_remainder else ()
        refusal = unfit(document, self._entity.erp, BUSINESS_CENTRAL, settings=needed)
        if refusal is not None:
            return refusal
        assert isinstance(document, PostingDocument), "no other kind is among its capabilities"
        not_ready = self._ensure_customer(document.party)
        if not_ready is not None:
            return not_ready
        address = f"{self._company}/{SALES_DOCUMENTS[document.kind].collection}"
        result = self._session.call("POST", address, body=document_fields(document, self._entity))
        if not isinstance(result, Reply) or not result.succeeded:
            return self._after_failure(result)
        try:
            return Draft(ErpRef(str(result.json()["id"])))
        except (MalformedReplyError, KeyError):
            return Uncertain("the reply to the new draft names no id")

    def advance(self, ref: ErpRef, document: Document) -> Submission:
        draft = self.read(ref, document.kind)
        if isinstance(draft, LookupFailed):
            return Uncertain(f"the draft could not be read before posting: {draft.reason}")
        if draft.posted:
            return Posted(ref)
        differing = differences(document, draft)
        if differing:
            return Rejected(RejectionKind.VALIDATION, "DRAFT_DIFFERS", "; ".join(differing))
        result = self._session.call("POST", f"{self._document(ref, document.kind)}/Microsoft.NAV.post")
        if isinstance(result, Reply) and result.succeeded:
            return Posted(ref)
        return self._unless_posted(ref, document.kind, self._after_failure(result))

    def poll(self, ticket: Ticket, document: Document) -> Submission:
        del document
        return Uncertain(f"Business Central gives no tickets: {ticket.value}")  # what it takes it answers at once

    def discard(self, ref: ErpRef, kind: DocumentKind) -> None:
        # The very version that is read as a draft: a person may post it now, and a company's setup may let what is
        # posted be deleted ("Allow Document Deletion Before").
        fields = self._fields(ref, kind)
        if isinstance(fields, LookupFailed):
            return
        document = posted_document(fields, self._entity, kind)
        if isinstance(document, PostedDocument) and not document.posted and (etag := fields.get("@odata.etag")):
            self._session.call("DELETE", self._document(ref, kind), headers={"If-Match": str(etag)})

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        condition = f"externalDocumentNumber eq '{external_ref}'"
        found = self._list(SALES_DOCUMENTS[kind].collection, condition, with_lines=self._lines_to_read(kind))
        if isinstance(found, LookupFailed):
            return found
        if len(found) > 1:
            return Ambiguous(tuple(ErpRef(str(fields.get("id"))) for fields in found))
        if not found:
            return Absent()
        document = posted_document(found[0], self._entity, kind)
        return document if isinstance(document, LookupFailed) else Found(document)

    def read(self, ref: ErpRef, kind: DocumentKind) -> PostedDocument | LookupFailed:
        fields = self._fields(ref, kind)
        return fields if isinstance(fields, LookupFailed) else posted_document(fields, self._entity, kind)

    def _fields(self, ref: ErpRef, kind: DocumentKind) -> dict[str, Any] | LookupFailed:
        lines = self._lines_to_read(kind)
        result = self._session.call("GET", self._document(ref, kind) + (f"?$expand={lines}" if lines else ""))
        if not isinstance(result, Reply) or result.status != HTTPStatus.OK:
            return LookupFailed(why_not_read(result))
        try:
            return result.json()
        except MalformedReplyError as error:
            return LookupFailed(str(error))

    def _ensure_customer(self, party: PostingParty) -> Throttled | AuthFailed | Rejected | None:
        number = customer_key(party.customer_id)
        found = self._list("customers", f"number eq '{number}'")
        if found and not isinstance(found, LookupFailed):
            return None
        # Also after a look-up without an answer: the number is unique, and the reply tells what is wrong.
        result = self._session.call("POST", f"{self._company}/customers", body=customer_fields(party, number))
        if isinstance(result, Reply) and result.succeeded:
            return None
        refusal = self._after_failure(result)
        match refusal:
            case Duplicate():
                return None  # somebody else was faster
            case Rejected():
                return refusal
            case _:
                return before_any_write(result)

    def _unless_posted(self, ref: ErpRef, kind: DocumentKind, outcome: Submission) -> Submission:
        """Return Posted for a refusal to post what is posted already: an earlier attempt of ours got through."""
        if not isinstance(outcome, Rejected):
            return outcome
        document = self.read(ref, kind)
        return Posted(ref) if isinstance(document, PostedDocument) and document.posted else outcome

    def _after_failure(self, result: CallResult) -> Submission:
        outcome = after_failed_write(result)
        if outcome is not None or not isinstance(result, Reply):
            return outcome or Uncertain("no reply")
        return after_refusal(result)

    def _lines_to_read(self, kind: DocumentKind) -> str:
        """Return the lines to expand: one of them may be tax, where this company has a code for untaxed lines."""
        return SALES_DOCUMENTS[kind].lines if NO_TAX_CODE in self._entity.erp.settings else ""

    def _list(self, collection: str, condition: str, *, with_lines: str = "") -> list[dict[str, Any]] | LookupFailed:
        expand = f"&$expand={with_lines}" if with_lines else ""
        result = self._session.call("GET", f"{self._company}/{collection}?$filter={quote(condition)}{expand}")
        if not isinstance(result, Reply) or result.status != HTTPStatus.OK:
            return LookupFailed(why_not_read(result))
        try:
            rows = result.json()["value"]
        except (MalformedReplyError, KeyError):
            return LookupFailed("the reply is no list")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return LookupFailed("the reply is no list of objects")
        return rows

    def _document(self, ref: ErpRef, kind: DocumentKind) -> str:
        return f"{self._company}/{SALES_DOCUMENTS[kind].collection}({quote(ref.value)})"
