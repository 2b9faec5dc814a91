"""Microsoft Dynamics 365 Business Central, API v2.0: draft, compare, post (port ReadableErp).

Sales documents and journals are posted in two steps, each in its own way: sales.py and journals.py.
"""

from shared.adapters.erp.business_central.check import checked
from shared.adapters.erp.business_central.company import Company
from shared.adapters.erp.business_central.customers import ensure_customer, readings
from shared.adapters.erp.business_central.journals import Journals
from shared.adapters.erp.business_central.notices import renew_notices
from shared.adapters.erp.business_central.periods import periods_of
from shared.adapters.erp.business_central.reference import reference_data
from shared.adapters.erp.business_central.sales import SalesDocuments
from shared.adapters.erp.business_central.settlements import settlement_page
from shared.adapters.erp.customer_key import customer_key
from shared.adapters.erp.session import ErpSession
from shared.domain.identifiers import ExternalRef
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Currency
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind, PostingDocument, PostingParty
from shared.domain.posting.journal import Document, Journal
from shared.domain.posting.limits import unfit
from shared.domain.posting.outcome import (
    ErpRef,
    Location,
    LookupFailed,
    PostedDocument,
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
    Periods,
    ReferenceData,
    ReferenceKind,
    Settlements,
)
from shared.domain.posting.systems.business_central import BUSINESS_CENTRAL
from shared.ports.clock import Clock


class BusinessCentralErp:
    """One company of one Business Central environment."""

    def __init__(self, session: ErpSession, entity: LegalEntity, clock: Clock) -> None:
        self._entity = entity
        self._clock = clock
        self._company = Company(session, entity)
        self._sales = SalesDocuments(self._company)
        self._journals = Journals(self._company)

    def capabilities(self) -> Capabilities:
        return BUSINESS_CENTRAL.capabilities.as_set(self._entity.erp.settings)

    def submit(self, document: Document) -> Submission:
        refusal = unfit(document, self._entity.erp, BUSINESS_CENTRAL)
        if refusal is not None:
            return refusal
        if isinstance(document, PostingDocument):
            return self._sales.submit(document)
        return self._journals.submit(document)

    def advance(self, ref: ErpRef, document: Document) -> Submission:
        if isinstance(document, Journal):
            return self._journals.advance(document)
        return self._sales.advance(ref, document)

    def poll(self, ticket: Ticket, document: Document) -> Submission:
        del document
        return Uncertain(f"Business Central gives no tickets: {ticket.value}")  # what it takes it answers at once

    def discard(self, ref: ErpRef, kind: DocumentKind) -> None:
        if kind is DocumentKind.JOURNAL:
            self._journals.discard(ref)
        else:
            self._sales.discard(ref, kind)

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        if kind is DocumentKind.JOURNAL:
            return self._journals.locate(external_ref)
        return self._sales.locate(external_ref, kind)

    def read(self, ref: ErpRef, kind: DocumentKind) -> PostedDocument | LookupFailed:
        return self._journals.read(ref) if kind is DocumentKind.JOURNAL else self._sales.read(ref, kind)

    def check_connection(self) -> ConnectionReport:
        return checked(self._company)

    def ensure_customer(self, party: PostingParty, currency: Currency) -> CustomerOutcome:
        del currency  # one customer takes documents in every currency
        return ensure_customer(self._company, party) or CustomerReady(customer_key(party.customer_id))

    def find_customers(self, party: PostingParty) -> tuple[CustomerReading, ...] | LookupFailed:
        return readings(self._company, party)

    def settlements(self, cursor: str) -> Settlements:
        return settlement_page(self._company, cursor, now=self._clock.now())

    def renew_notices(self, url: str, token: str) -> Notices:
        return renew_notices(self._company, url, token)

    def periods(self, kind: DocumentKind) -> Periods:
        del kind  # one window for all of them
        return periods_of(self._company)

    def reference(self, kind: ReferenceKind) -> ReferenceData:
        return reference_data(self._company, kind)
