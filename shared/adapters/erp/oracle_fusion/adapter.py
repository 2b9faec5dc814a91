"""Oracle Fusion Cloud ERP (port ReadableErp): receivables drafted, compared and completed; journals handed in as files.

No key of ours is enforced for REST, so nothing is resent without a look-up; and since what one may not see is an empty
list, nothing is absent before the business unit or the ledger was seen.
"""

from shared.adapters.erp.oracle_fusion.customers import FusionCustomers
from shared.adapters.erp.oracle_fusion.journals import FusionJournals
from shared.adapters.erp.oracle_fusion.periods import FusionPeriods
from shared.adapters.erp.oracle_fusion.receivables import FusionReceivables
from shared.adapters.erp.oracle_fusion.reference import reference_data
from shared.adapters.erp.oracle_fusion.resources import FusionResources
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.adapters.erp.oracle_fusion.settlements import FusionSettlements
from shared.adapters.erp.oracle_fusion.visibility import FusionVisibility
from shared.adapters.erp.session import ErpSession
from shared.domain.identifiers import ExternalRef
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Currency
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.document import DocumentKind, PostingParty
from shared.domain.posting.journal import Document, Journal
from shared.domain.posting.limits import unfit
from shared.domain.posting.notices import ASKED_INSTEAD
from shared.domain.posting.outcome import (
    Absent,
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
    Notices,
    NotSupported,
    Periods,
    ReferenceData,
    ReferenceKind,
    Settlements,
)
from shared.domain.posting.systems.oracle_fusion import ORACLE_FUSION
from shared.ports.clock import Clock


class OracleFusionErp:
    """One business unit of one Fusion environment, with its ledger."""

    def __init__(self, session: ErpSession, entity: LegalEntity, clock: Clock) -> None:
        self._entity = entity
        self._settings = FusionSettings(entity.erp)
        self._resources = FusionResources(session)
        self._customers = FusionCustomers(self._resources, self._settings)
        self._periods = FusionPeriods(self._resources, self._settings)
        self._receivables = FusionReceivables(self._resources, self._settings, self._customers, self._periods)
        self._visibility = FusionVisibility(self._resources, self._settings)
        self._journals = FusionJournals(self._resources, entity, self._visibility, clock)
        self._settlements = FusionSettlements(self._resources, self._settings, clock)

    def capabilities(self) -> Capabilities:
        return ORACLE_FUSION.capabilities.as_set(self._entity.erp.settings)

    def submit(self, document: Document) -> Submission:
        refusal = unfit(document, self._entity.erp, ORACLE_FUSION)
        if refusal is not None:
            return refusal
        if isinstance(document, Journal):
            return self._journals.submit(document)
        return self._receivables.submit(document)

    def advance(self, ref: ErpRef, document: Document) -> Submission:
        if isinstance(document, Journal):
            return self._journals.advance(ref)
        return self._receivables.advance(ref, document)

    def poll(self, ticket: Ticket, document: Document) -> Submission:
        if isinstance(document, Journal):
            return self._journals.poll(ticket, document)
        return Uncertain(f"Fusion gives no tickets for a {document.kind}: {ticket.value}")

    def discard(self, ref: ErpRef, kind: DocumentKind) -> None:
        if kind is not DocumentKind.JOURNAL:  # what was imported of a file is a person's
            self._receivables.discard(ref, kind)

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        is_journal = kind is DocumentKind.JOURNAL
        found = self._journals.locate(external_ref) if is_journal else self._receivables.find(external_ref, kind)
        return self._visibility.absence(kind) if isinstance(found, Absent) else found

    def read(self, ref: ErpRef, kind: DocumentKind) -> PostedDocument | LookupFailed:
        if kind is DocumentKind.JOURNAL:
            return self._journals.read(ref)
        return self._receivables.read(ref, kind)

    def check_connection(self) -> ConnectionReport:
        return self._visibility.report()

    def ensure_customer(self, party: PostingParty, currency: Currency) -> CustomerOutcome:
        del currency  # an account has none
        return self._customers.ensure(party)

    def find_customers(self, party: PostingParty) -> tuple[CustomerReading, ...] | LookupFailed:
        return self._customers.find(party)

    def settlements(self, cursor: str) -> Settlements:
        return self._settlements.page(cursor)

    def renew_notices(self, url: str, token: str) -> Notices:
        del url, token
        return NotSupported(ASKED_INSTEAD)

    def periods(self, kind: DocumentKind) -> Periods:
        return self._periods.all(kind)

    def reference(self, kind: ReferenceKind) -> ReferenceData:
        return reference_data(self._resources, self._settings, kind)
