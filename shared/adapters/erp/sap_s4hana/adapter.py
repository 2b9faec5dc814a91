"""SAP S/4HANA Cloud, public edition (port ReadableErp): one synchronous call posts a document.

Nothing in SAP keeps a second entry with our key out, so nothing is resent without a look-up.
"""

from datetime import timedelta
from typing import Final

from shared.adapters.erp.one_writer import OneWriter
from shared.adapters.erp.reply_classes import before_any_write
from shared.adapters.erp.sap_s4hana import customers, reference
from shared.adapters.erp.sap_s4hana.confirmation import Messages, outcome_of
from shared.adapters.erp.sap_s4hana.entries import CUBE, entries_with_key, entry
from shared.adapters.erp.sap_s4hana.journal_entry import request
from shared.adapters.erp.sap_s4hana.odata import Unread, read_page, text
from shared.adapters.erp.sap_s4hana.session import SapSession
from shared.adapters.erp.sap_s4hana.settlements import settlements_since
from shared.domain.identifiers import CustomerId, ExternalRef
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Currency
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.credited_invoice import not_creditable
from shared.domain.posting.document import CorrectedDocument, DocumentKind, PostingDocument, PostingParty
from shared.domain.posting.journal import Document, Journal
from shared.domain.posting.limits import unfit
from shared.domain.posting.notices import ASKED_INSTEAD
from shared.domain.posting.outcome import (
    Absent,
    Ambiguous,
    AuthFailed,
    ErpRef,
    Found,
    Location,
    LookupFailed,
    Posted,
    PostedDocument,
    Rejected,
    RejectionCode,
    Submission,
    Throttled,
    Ticket,
    Uncertain,
    Unreached,
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
from shared.domain.posting.systems.sap_s4hana import SAP_S4HANA
from shared.ports.clock import Clock
from shared.ports.customer_creations import CustomerCreations

JOURNAL_SERVICE: Final = "/sap/bc/srt/scs_ext/sap/journalentrycreaterequestconfi"


class SapS4HanaErp:
    """One company code of one tenant."""

    def __init__(self, session: SapSession, entity: LegalEntity, clock: Clock, creations: CustomerCreations) -> None:
        self._session = session
        self._entity = entity
        self._clock = clock
        self._creations = creations

    def capabilities(self) -> Capabilities:
        return SAP_S4HANA.capabilities.as_set(self._entity.erp.settings)

    def submit(self, document: Document) -> Submission:
        mapping = self._entity.erp
        refusal = unfit(document, mapping, SAP_S4HANA)
        if refusal is not None:
            return refusal
        debtors = self._debtors(document)
        if not isinstance(debtors, dict):
            return debtors
        content = request(document, self._entity, debtors=debtors, created_at=self._clock.now())
        if isinstance(content, Rejected):
            return content
        result = self._session.post_entry(mapping.settings.get("journal_service", JOURNAL_SERVICE), content)
        messages = Messages.of(mapping.settings)
        return outcome_of(result, document.external_ref, company=mapping.company, messages=messages)

    def advance(self, ref: ErpRef, document: Document) -> Submission:
        """Return what is there already: SAP has no drafts of ours."""
        found = self.read(ref, document.kind)
        return Posted(ref) if isinstance(found, PostedDocument) else Uncertain(f"no draft: {found.reason}")

    def poll(self, ticket: Ticket, document: Document) -> Submission:
        del document
        return Uncertain(f"SAP gives no tickets: {ticket.value}")  # what it takes it confirms at once

    def discard(self, ref: ErpRef, kind: DocumentKind) -> None:
        """Leave what is posted alone."""

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        found = entries_with_key(self._session, self._entity.erp.company, external_ref, kind)
        if isinstance(found, LookupFailed):
            return found
        if len(found) > 1:
            return Ambiguous(tuple(document.ref for document in found))
        return Found(found[0]) if found else Absent()

    def read(self, ref: ErpRef, kind: DocumentKind) -> PostedDocument | LookupFailed:
        found = entry(self._session, ref, kind)
        if found is None:
            return LookupFailed(f"there is no entry {ref.value}")
        if isinstance(found, Unread):
            return found.as_failure()
        return found if isinstance(found, LookupFailed) else found.document

    def check_connection(self) -> ConnectionReport:
        company = self._entity.erp.company
        found = reference.company_code(self._session, company)
        if isinstance(found, Unreached) and not found.refused:
            return ConnectionReport((found.reason,))
        if isinstance(found, LookupFailed):
            return ConnectionReport(
                (f"company codes cannot be read ({found.reason}): see the communication arrangements",)
            )
        mend = "finance corrects `company`, or an administrator gives the user access"
        unseen = f"there is no company code {company} that the communication user may see: {mend}"
        problems = [] if found else [unseen]
        for scenario, entity_set, fields in (
            ("journal entries", CUBE, ("AccountingDocument",)),
            ("business partners", customers.PARTNERS, ("BusinessPartner",)),
        ):
            where = f"CompanyCode eq {text(company)}" if entity_set == CUBE else ""
            read = read_page(self._session, entity_set, where=where, fields=fields, by=fields, top=1)
            if isinstance(read, Unread):
                problems.append(f"{scenario} cannot be read ({read.reason}): see the communication arrangements")
        return ConnectionReport(tuple(problems))

    def ensure_customer(self, party: PostingParty, currency: Currency) -> CustomerOutcome:
        del currency  # a customer of SAP's owes in any
        one_writer = OneWriter(
            connection=self._entity.erp.connection,
            quiet_period=timedelta(seconds=self.capabilities().quiet_period_seconds),
            creations=self._creations,
            clock=self._clock,
        )
        return customers.ensure(self._session, party, self._entity.erp, one_writer=one_writer)

    def find_customers(self, party: PostingParty) -> tuple[CustomerReading, ...] | LookupFailed:
        return customers.candidates(self._session, party)

    def settlements(self, cursor: str) -> Settlements:
        today = self._clock.now().date()
        return settlements_since(self._session, self._entity.erp.company, cursor, today=today)

    def renew_notices(self, url: str, token: str) -> Notices:
        del url, token
        return NotSupported(ASKED_INSTEAD)

    def periods(self, kind: DocumentKind) -> Periods:
        return NotSupported(f"SAP shows no posting periods: one that is closed refuses the {kind} with 201(F5)")

    def reference(self, kind: ReferenceKind) -> ReferenceData:
        return reference.reference_data(self._session, self._entity.erp.company, kind)

    def _debtors(self, document: Document) -> dict[CustomerId, str] | Rejected | Throttled | AuthFailed:
        """Return SAP's numbers of the customers in a document; a journal makes none that are missing."""
        if isinstance(document, PostingDocument):
            outcome = (
                self.ensure_customer(document.party, document.gross.currency)
                if document.corrects is None
                else self._credited(document.corrects, document)
            )
            return {document.party.customer_id: outcome.key} if isinstance(outcome, CustomerReady) else outcome
        debtors: dict[CustomerId, str] = {}
        for customer_id in _customers_of(document):
            debtor = customers.debtor_of(self._session, customer_id)
            if not isinstance(debtor, str):
                return debtor
            if not debtor:
                return Rejected.of(RejectionCode.CUSTOMER_MISSING, f"SAP has no customer for {customer_id}")
            debtors[customer_id] = debtor
        return debtors

    def _credited(self, corrected: CorrectedDocument, memo: PostingDocument) -> CustomerOutcome:
        """Return whom an invoice was posted to; refuse to credit more than it, or one that is not there.

        SAP would book that, and take a credit memo on another account of the same customer.
        """
        ref = ErpRef(corrected.erp_ref)
        invoice = entry(self._session, ref, DocumentKind.INVOICE)
        if isinstance(invoice, Unread):
            return before_any_write(invoice.result)
        if isinstance(invoice, LookupFailed):
            return Throttled()
        if invoice is None:
            return Rejected.of(RejectionCode.INVOICE_MISSING, f"SAP has no invoice {ref.value} to be credited")
        return not_creditable(invoice.document, memo) or CustomerReady(invoice.debtor)


def _customers_of(journal: Journal) -> list[CustomerId]:
    return list(dict.fromkeys(line.customer_id for line in journal.lines if line.customer_id is not None))
