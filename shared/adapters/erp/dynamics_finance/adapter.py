"""Microsoft Dynamics 365 Finance (port ReadableErp): drafts and packages in, the ledger when the ERP's own job has run.

Entra client credentials. The ERP enforces no unique reference and computes tax itself: a draft is read back before it
is left to the job, and nothing is resent without a look-up.
"""

from shared.adapters.erp.dynamics_finance import customers, settlements
from shared.adapters.erp.dynamics_finance.check import checked
from shared.adapters.erp.dynamics_finance.data_service import DataService
from shared.adapters.erp.dynamics_finance.invoice_posting import InvoicePosting
from shared.adapters.erp.dynamics_finance.journal_posting import JournalPosting
from shared.adapters.erp.dynamics_finance.periods import FiscalPeriods
from shared.adapters.erp.dynamics_finance.reference import reference
from shared.adapters.erp.dynamics_finance.settings import Settings
from shared.adapters.erp.session import ErpSession
from shared.adapters.http.transport import HttpTransport
from shared.domain.identifiers import ExternalRef
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Currency
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind, PostingParty
from shared.domain.posting.journal import Document, Journal
from shared.domain.posting.notices import ASKED_INSTEAD
from shared.domain.posting.outcome import ErpRef, Location, LookupFailed, PostedDocument, Submission, Ticket
from shared.domain.posting.readings import (
    ConnectionReport,
    CustomerOutcome,
    CustomerReading,
    Notices,
    NotSupported,
    Periods,
    ReferenceData,
    ReferenceKind,
    Settlements,
)
from shared.domain.posting.systems.dynamics_finance import DYNAMICS_FINANCE
from shared.ports.clock import Clock


class DynamicsFinanceErp:
    """One legal entity of one environment. `transport` uploads packages to the environment's blob store."""

    def __init__(self, session: ErpSession, entity: LegalEntity, *, transport: HttpTransport, clock: Clock) -> None:
        self._data = DataService(session, entity.erp.company)
        self._settings = Settings(entity.erp)
        self._periods = FiscalPeriods(self._data, self._settings)
        self._invoices = InvoicePosting(self._data, self._settings, self._periods)
        self._journals = JournalPosting(
            self._data, self._settings, self._periods, books_currency=entity.functional_currency, transport=transport
        )
        self._clock = clock

    def capabilities(self) -> Capabilities:
        return DYNAMICS_FINANCE.capabilities.as_set(self._settings.mapping.settings)

    def submit(self, document: Document) -> Submission:
        return self._journals.submit(document) if isinstance(document, Journal) else self._invoices.submit(document)

    def advance(self, ref: ErpRef, document: Document) -> Submission:
        if isinstance(document, Journal):
            return self._journals.advance(ref, document)
        return self._invoices.advance(ref, document)

    def poll(self, ticket: Ticket, document: Document) -> Submission:
        if isinstance(document, Journal):
            return self._journals.poll(ticket, document)
        return self._invoices.poll(ticket, document)

    def discard(self, ref: ErpRef, kind: DocumentKind) -> None:
        (self._journals if kind is DocumentKind.JOURNAL else self._invoices).discard(ref)

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        if kind is DocumentKind.JOURNAL:
            return self._journals.locate(external_ref)
        return self._invoices.locate(external_ref, kind)

    def read(self, ref: ErpRef, kind: DocumentKind) -> PostedDocument | LookupFailed:
        return self._journals.read(ref) if kind is DocumentKind.JOURNAL else self._invoices.read(ref, kind)

    def check_connection(self) -> ConnectionReport:
        return checked(self._data, self._settings)

    def ensure_customer(self, party: PostingParty, currency: Currency) -> CustomerOutcome:
        return customers.ensure_customer(self._data, party, currency, self._settings)

    def find_customers(self, party: PostingParty) -> tuple[CustomerReading, ...] | LookupFailed:
        return customers.find_customers(self._data, party)

    def settlements(self, cursor: str) -> Settlements:
        return settlements.settlements(self._data, cursor, self._settings, today=self._clock.now().date())

    def renew_notices(self, url: str, token: str) -> Notices:
        del url, token
        return NotSupported(ASKED_INSTEAD)

    def periods(self, kind: DocumentKind) -> Periods:
        return self._periods.read(kind)

    def reference(self, kind: ReferenceKind) -> ReferenceData:
        return reference(self._data, kind)
