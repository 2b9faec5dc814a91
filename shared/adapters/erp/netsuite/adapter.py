"""Oracle NetSuite, SuiteTalk REST: one create per document, found again by its external id (port ReadableErp).

OAuth 2.0 machine to machine. NetSuite refuses a second record of a type with the same external id; its idempotency
header is ignored for synchronous calls, so it is sent with asynchronous ones only.
"""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, assert_never
from urllib.parse import quote

from shared.adapters.erp.netsuite.check import checked
from shared.adapters.erp.netsuite.customers import STRICT, customer_external_id, ensure_customer, readings
from shared.adapters.erp.netsuite.documents import document_fields, posted_document
from shared.adapters.erp.netsuite.errors import after_failed_call, is_absent
from shared.adapters.erp.netsuite.jobs import SETTING as ASYNC_SETTING
from shared.adapters.erp.netsuite.jobs import JobTicket, Unclear, asynchronous_headers, job_of, result_of
from shared.adapters.erp.netsuite.journals import journal_fields, posted_journal
from shared.adapters.erp.netsuite.periods import period_containing, period_name, periods_of
from shared.adapters.erp.netsuite.reference import reference_data
from shared.adapters.erp.netsuite.settlements import settlement_page
from shared.adapters.erp.reply_classes import why_not_read
from shared.adapters.erp.session import CallResult, ErpSession
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.identifiers import ExternalRef
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Currency
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind, PostingDocument, PostingParty
from shared.domain.posting.journal import Document
from shared.domain.posting.limits import MisfitCode, unfit
from shared.domain.posting.notices import ASKED_INSTEAD
from shared.domain.posting.outcome import (
    Absent,
    Accepted,
    Ambiguous,
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
from shared.domain.posting.systems.netsuite import NETSUITE
from shared.ports.clock import Clock

_RECORDS: Final = {
    DocumentKind.INVOICE: "/record/v1/invoice",
    DocumentKind.CREDIT_MEMO: "/record/v1/creditMemo",
    DocumentKind.JOURNAL: "/record/v1/journalEntry",
}
_SHOWN_WITHIN: Final = timedelta(seconds=NETSUITE.capabilities.lookup_spacing_seconds)


class NetSuiteErp:
    """One subsidiary of one NetSuite account."""

    def __init__(self, session: ErpSession, entity: LegalEntity, clock: Clock) -> None:
        self._session = session
        self._entity = entity
        self._clock = clock

    def capabilities(self) -> Capabilities:
        return NETSUITE.capabilities.as_set(self._entity.erp.settings)

    def submit(self, document: Document) -> Submission:
        refusal = unfit(document, self._entity.erp, NETSUITE)
        if refusal is not None:
            return refusal
        period = period_containing(self._session, document.posting_date, document.kind)
        if not isinstance(period, str):
            return period
        if isinstance(document, PostingDocument):
            not_ready = ensure_customer(self._session, document.party, document.gross.currency.code, self._entity)
            if not_ready is not None:
                return not_ready
            fields = document_fields(document, self._entity, period_id=period)
        else:
            fields = journal_fields(document, self._entity, period_id=period)
        return self._sent(document, fields)

    def advance(self, ref: ErpRef, document: Document) -> Submission:
        del document
        # It came with its approval status; whoever took that away in NetSuite has to give it back there.
        return Accepted(Ticket(ref.value))

    def poll(self, ticket: Ticket, document: Document) -> Submission:
        job = JobTicket.of(ticket)
        if job is not None:
            result = result_of(self._session, job)
            if isinstance(result, Unclear):
                return self._missed(document, job, result.refusal)
            return self._unless_there(document, result)
        match self.locate(document.external_ref, document.kind):
            case Found(document=found):
                return Posted(found.ref) if found.posted else Accepted(ticket)
            case LookupFailed():
                return Throttled()
            case Absent() | Ambiguous():
                return Uncertain(f"record {ticket.value} waits for approval in NetSuite no more")
            case _ as never:
                assert_never(never)

    def discard(self, ref: ErpRef, kind: DocumentKind) -> None:
        """Leave it to a person: NetSuite has no drafts, and what waits there for approval is a person's already."""

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        result = self._session.call("GET", _address(f"eid:{external_ref}", kind))
        if isinstance(result, Reply) and is_absent(result):
            return Absent()
        document = self._posted_document(result, kind)
        return document if isinstance(document, LookupFailed) else Found(document)

    def read(self, ref: ErpRef, kind: DocumentKind) -> PostedDocument | LookupFailed:
        return self._posted_document(self._session.call("GET", _address(quote(ref.value), kind)), kind)

    def check_connection(self) -> ConnectionReport:
        return checked(self._session, self._entity)

    def ensure_customer(self, party: PostingParty, currency: Currency) -> CustomerOutcome:
        if currency.code not in self._entity.erp.currencies:
            return Rejected(RejectionKind.MAPPING, MisfitCode.NOT_MAPPED.value, f"no mapping for currency {currency}")
        not_ready = ensure_customer(self._session, party, currency.code, self._entity)
        return not_ready or CustomerReady(customer_external_id(party, currency.code, self._entity))

    def find_customers(self, party: PostingParty) -> tuple[CustomerReading, ...] | LookupFailed:
        return readings(self._session, party, self._entity)

    def settlements(self, cursor: str) -> Settlements:
        return settlement_page(self._session, self._entity, cursor, now=self._clock.now())

    def renew_notices(self, url: str, token: str) -> Notices:
        del url, token
        return NotSupported(ASKED_INSTEAD)

    def periods(self, kind: DocumentKind) -> Periods:
        return periods_of(self._session, kind)

    def reference(self, kind: ReferenceKind) -> ReferenceData:
        return reference_data(self._session, kind, self._entity.erp)

    def _sent(self, document: Document, fields: Mapping[str, object]) -> Submission:
        later = self._entity.erp.settings.get(ASYNC_SETTING) == "yes"
        headers = STRICT | (asynchronous_headers(document.external_ref, document.kind) if later else {})
        result = self._session.call("POST", _RECORDS[document.kind], body=fields, headers=headers)
        job = job_of(result) if later else None
        if job is not None:
            return job
        if isinstance(result, Reply) and result.status == HTTPStatus.ACCEPTED:
            return Uncertain("NetSuite has taken it for later and does not say as which job")
        if isinstance(result, Reply) and result.succeeded:
            return self._created(result, document)
        return self._unless_there(document, after_failed_call(result))

    def _created(self, reply: Reply, document: Document) -> Submission:
        internal_id = reply.headers.get("location", "").rstrip("/").rpartition("/")[2]
        if internal_id.isdigit():
            return Posted(ErpRef(internal_id))
        located = self.locate(document.external_ref, document.kind)  # a proxy has taken the Location header away
        return Posted(located.document.ref) if isinstance(located, Found) else Uncertain("created, but not found yet")

    def _unless_there(self, document: Document, outcome: Submission) -> Submission:
        """Return a refusal only if the document is not there: which code a duplicate has, is not documented."""
        if not isinstance(outcome, Rejected):
            return outcome
        match self.locate(document.external_ref, document.kind):
            case Found():
                return Duplicate()
            case Absent():
                return outcome
            case LookupFailed(reason=reason):
                return Uncertain(f"{outcome.code}: {outcome.text}; whether it is there nobody could see: {reason}")
            case Ambiguous():
                return Uncertain(f"{outcome.code}: {outcome.text}; it is there more than once")
            case _ as never:
                assert_never(never)

    def _missed(self, document: Document, job: JobTicket, refusal: Rejected) -> Submission:
        """Return the refusal once the record of a finished job was missed twice: until then it may not be its own.

        Looking it up as after silence would not do: it ends in the same job, which says the same for ever. What is
        found is what the job has made: as a duplicate it would be somebody else's where it is not as we said.
        """
        match self.locate(document.external_ref, document.kind):
            case Found(document=found):
                return Posted(found.ref) if found.posted else Accepted(Ticket(found.ref.value))
            case LookupFailed():
                return Throttled()
            case Ambiguous():
                return Uncertain(f"{refusal.code}: {refusal.text}; it is there more than once")
            case Absent():
                now = self._clock.now()
                since = job.missed_at or now
                return refusal if now - since >= _SHOWN_WITHIN else Accepted(JobTicket(job.job, since).ticket)
            case _ as never:
                assert_never(never)

    def _posted_document(self, result: CallResult, kind: DocumentKind) -> PostedDocument | LookupFailed:
        if not isinstance(result, Reply) or result.status != HTTPStatus.OK:
            return LookupFailed(why_not_read(result))
        try:
            fields: dict[str, Any] = result.json()
            period_id = str(fields["postingPeriod"]["id"])
        except (MalformedReplyError, KeyError, TypeError):
            return LookupFailed("the reply is no posted record")
        period = period_name(self._session, period_id)
        if isinstance(period, LookupFailed):
            return period
        if kind is DocumentKind.JOURNAL:
            return posted_journal(fields, self._entity, accounting_period=period)
        return posted_document(fields, self._entity, kind=kind, accounting_period=period)


def _address(key: str, kind: DocumentKind) -> str:
    """Return where a record is read: a journal entry with its lines, for it says nowhere else what it comes to."""
    return f"{_RECORDS[kind]}/{key}" + ("?expandSubResources=true" if kind is DocumentKind.JOURNAL else "")
