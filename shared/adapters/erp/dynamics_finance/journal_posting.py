"""Journals: as drafts, or as packages from so many lines on, and back from what became of them."""

from shared.adapters.erp.dynamics_finance.data_service import DataService
from shared.adapters.erp.dynamics_finance.drafts import DraftReading, Drafts, Wanted, differing
from shared.adapters.erp.dynamics_finance.imports import PREFIX as IMPORT_PREFIX
from shared.adapters.erp.dynamics_finance.imports import Imports, ImportStatus
from shared.adapters.erp.dynamics_finance.journals import GeneralJournals
from shared.adapters.erp.dynamics_finance.periods import FiscalPeriods
from shared.adapters.erp.dynamics_finance.readings import located
from shared.adapters.erp.dynamics_finance.settings import Settings
from shared.adapters.http.transport import HttpTransport
from shared.domain.identifiers import ExternalRef
from shared.domain.money import Currency
from shared.domain.posting.comparison import differences
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.journal import Journal
from shared.domain.posting.limits import unfit
from shared.domain.posting.outcome import (
    Absent,
    Accepted,
    ErpRef,
    Location,
    LookupFailed,
    PostedDocument,
    Rejected,
    RejectionCode,
    Submission,
    Throttled,
    Ticket,
    Uncertain,
)
from shared.domain.posting.systems.dynamics_finance import DYNAMICS_FINANCE

PREFIX = "journal/"


class JournalPosting:
    def __init__(
        self,
        data: DataService,
        settings: Settings,
        periods: FiscalPeriods,
        *,
        books_currency: Currency,
        transport: HttpTransport,
    ) -> None:
        self._data = data
        self._settings = settings
        self._periods = periods
        self._journals = GeneralJournals(settings, books_currency)
        self._drafts = Drafts(data, self._journals)
        self._imports = Imports(data, self._journals, settings, transport)

    def submit(self, journal: Journal) -> Submission:
        refusal = unfit(journal, self._settings.mapping, DYNAMICS_FINANCE)
        if refusal is not None:
            return refusal
        many = self._settings.package_lines
        if many is not None and len(journal.lines) >= many:
            return self._imports.submit(journal)
        return self._drafts.begin(self._journals.header_fields(journal), self._wanted(journal))

    def advance(self, ref: ErpRef, journal: Journal) -> Submission:
        return self._drafts.advance(ref, self._wanted(journal))

    def poll(self, ticket: Ticket, journal: Journal) -> Submission:
        if ticket.value.startswith(IMPORT_PREFIX):
            return self._import_polled(ticket, journal)
        return self._drafts.polled(ErpRef(ticket.value.removeprefix(PREFIX)), self._wanted(journal))

    def discard(self, ref: ErpRef) -> None:
        self._drafts.discard(ref)

    def locate(self, external_ref: ExternalRef) -> Location:
        refs = self._journals.find(self._data, external_ref)
        location = located(refs, self._drafts, lambda _: True, lambda found: found)
        if not isinstance(location, Absent) or self._settings.package_lines is None:
            return location
        # An import may wait for longer than any quiet period: what is not there yet is not absent.
        status = self._imports.status(external_ref)
        if isinstance(status, LookupFailed):
            return status
        return LookupFailed(f"its import is {status}") if status.under_way else location

    def read(self, ref: ErpRef) -> PostedDocument | LookupFailed:
        draft = self._drafts.read(ref)
        if draft is None:
            return LookupFailed(f"there is no journal {ref.value}")
        return draft.document if isinstance(draft, DraftReading) else draft

    def _import_polled(self, ticket: Ticket, journal: Journal) -> Submission:
        status = self._imports.status(journal.external_ref)
        if isinstance(status, LookupFailed):
            return Throttled()
        if status.under_way:
            return Accepted(ticket)
        refs = self._journals.find(self._data, journal.external_ref)
        if isinstance(refs, LookupFailed):
            return Throttled()
        if len(refs) == 1:
            return self._drafts.polled(ErpRef(refs[0]), self._wanted(journal))
        if refs or status in {ImportStatus.UNKNOWN, ImportStatus.SUCCEEDED}:
            return Uncertain(f"its import is {status}, and {len(refs)} journals carry its key")
        text = f"its import is {status}: {self._imports.errors(journal.external_ref)}"
        return Rejected.of(RejectionCode.IMPORT_FAILED, text)

    def _wanted(self, journal: Journal) -> Wanted:
        return Wanted(
            lines=lambda ref: self._journals.line_fields(journal, ref),
            wrong=lambda found: self._wrong(journal, found),
            ticket=lambda ref: Ticket(PREFIX + ref.value),
        )

    def _wrong(self, journal: Journal, found: PostedDocument) -> Rejected | None:
        differs = differing(differences(journal, found))
        return differs or self._periods.refusal(journal.posting_date, DocumentKind.JOURNAL)
