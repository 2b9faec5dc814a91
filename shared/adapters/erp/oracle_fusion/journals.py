"""Journals: a file is handed in, jobs load and import it, and the ledger is asked what came of it.

A file is never handed in twice: its rows would lie in the interface twice, and be imported as one journal of twice the
amounts. So a journal is absent only where neither a batch nor an uploaded file has its name, and jobs that have failed
have made nothing of it only where twice no batch is seen by who may see the ledger: a warning may be of anything.
A ticket is REQUEST, missed:REQUEST@TIME once the batch of failed jobs was missed, or batch:BATCH.
"""

import base64
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from shared.adapters.erp.oracle_fusion.errors import after_refusal
from shared.adapters.erp.oracle_fusion.jobs import FusionJobs, Progress
from shared.adapters.erp.oracle_fusion.journal_file import archive_of, file_name, group_id
from shared.adapters.erp.oracle_fusion.resources import FusionResources, Row, Unread, begins, children
from shared.adapters.erp.oracle_fusion.settings import FusionSettings
from shared.adapters.erp.oracle_fusion.visibility import FusionVisibility
from shared.adapters.erp.reply_classes import after_failed_write
from shared.adapters.erp.session import CallResult
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.identifiers import ExternalRef
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Money, UnknownCurrencyError, currency
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.journal import Document, Journal
from shared.domain.posting.outcome import (
    Absent,
    Accepted,
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
)
from shared.domain.posting.systems.oracle_fusion import ORACLE_FUSION
from shared.ports.clock import Clock

_BATCHES: Final = "journalBatches"
_HEADERS: Final = "journalHeaders"
_JOB: Final = "/oracle/apps/ess/financials/generalLedger/programs/common,JournalImportLauncher"
_NOT_TAKEN: Final = "-1"
_POSTED: Final = frozenset({"P", "Posted"})
_BATCH_TICKET: Final = "batch:"
_MISSED_TICKET: Final = "missed:"
_SHOWN_WITHIN: Final = timedelta(seconds=ORACLE_FUSION.capabilities.lookup_spacing_seconds)


class FusionJournals:
    """The journals of one legal entity."""

    def __init__(
        self, resources: FusionResources, entity: LegalEntity, visibility: FusionVisibility, clock: Clock
    ) -> None:
        self._resources = resources
        self._visibility = visibility
        self._clock = clock
        self._jobs = FusionJobs(resources)
        self._entity = entity
        self._settings = FusionSettings(entity.erp)

    def submit(self, journal: Journal) -> Submission:
        archive = archive_of(journal, self._settings, self._entity.functional_currency)
        return self._taken(self._resources.send("POST", "erpintegrations", self._request(journal, archive)))

    def advance(self, ref: ErpRef) -> Submission:
        """Wait for it: imported journals are posted by the ledger's own AutoPost or by a person."""
        return self._posted_or(ref, Accepted(Ticket(_BATCH_TICKET + ref.value)))

    def poll(self, ticket: Ticket, document: Document) -> Submission:
        if ticket.value.startswith(_BATCH_TICKET):
            return self._posted_or(ErpRef(ticket.value.removeprefix(_BATCH_TICKET)), Accepted(ticket))
        request_id, _, missed_at = ticket.value.removeprefix(_MISSED_TICKET).partition("@")
        progress = self._jobs.progress(request_id)
        match progress:
            case Unread():
                outcome = progress.before_write
                return outcome if isinstance(outcome, AuthFailed) else Throttled()
            case Progress.RUNNING:
                return Accepted(ticket)
            case Progress.UNKNOWN:
                return Uncertain(f"Fusion shows no request {request_id}")
            case Progress.SUCCEEDED:
                return self._imported(document.external_ref) or Accepted(Ticket(request_id))
            case Progress.FAILED:
                ref = document.external_ref
                return self._imported(ref) or self._missed(request_id, missed_at, ref)

    def locate(self, external_ref: ExternalRef) -> Location:
        batch = self._batch(external_ref)
        if not isinstance(batch, Absent):
            return batch
        uploaded = self._jobs.knows_file(file_name(external_ref))
        if isinstance(uploaded, Unread):
            return uploaded.lookup
        if uploaded:
            text = f"its file {file_name(external_ref)} was taken, and no journal batch has come of it yet"
            return LookupFailed(f"{text}: see the rows of group {group_id(external_ref)} in the interface")
        return batch

    def read(self, ref: ErpRef) -> PostedDocument | LookupFailed:
        batch = self._resources.one(_BATCHES, ref.value, expand=_HEADERS)
        return batch.lookup if isinstance(batch, Unread) else self._document(batch)

    def _request(self, journal: Journal, archive: bytes) -> dict[str, object]:
        setting = self._settings.of
        group = group_id(journal.external_ref)
        ledger = (setting("data_access_set_id"), setting("journal_source_id"), self._settings.ledger_id)
        return {
            "OperationName": "importBulkData",
            "DocumentContent": base64.b64encode(archive).decode("ascii"),
            "ContentType": "zip",
            "FileName": file_name(journal.external_ref),
            "DocumentAccount": setting("document_account", "fin$/generalLedger$/import$"),
            "JobName": _JOB,
            # Its own group: ALL would import the rows of others too. No errors to suspense, no summary, no flexfields.
            "ParameterList": ",".join((*ledger, group, "N", "N", "N")),
            "CallbackURL": "#NULL",
            "NotificationCode": "10",
            "JobOptions": "ExtractFileType=ALL",
        }

    def _taken(self, result: CallResult) -> Submission:
        if not isinstance(result, Reply) or not result.succeeded:
            outcome = after_failed_write(result)
            if outcome is not None or not isinstance(result, Reply):
                return outcome or Uncertain("no reply")
            return after_refusal(result)
        try:
            request_id = str(result.json()["ReqstId"])
        except (MalformedReplyError, KeyError):
            return Uncertain("the reply to the file names no request")
        if request_id == _NOT_TAKEN:
            text = "Fusion takes no such file: check data access set, journal source, ledger and document account"
            return Rejected.of(RejectionCode.NOT_TAKEN, text)
        return Accepted(Ticket(request_id))

    def _imported(self, external_ref: ExternalRef) -> Submission | None:
        """Return what its batch says once the jobs have ended; None where there is no batch."""
        match self._batch(external_ref):
            case Found(document=found):
                return Posted(found.ref) if found.posted else Accepted(Ticket(_BATCH_TICKET + found.ref.value))
            case Ambiguous():
                return Uncertain("several journal batches have its name")
            case LookupFailed():
                return Throttled()
            case Absent():
                return None

    def _missed(self, request_id: str, missed_at: str, external_ref: ExternalRef) -> Submission:
        """Return a rejection for failed jobs without a batch, unless one may be there and not be shown."""
        now = self._clock.now()
        since = datetime.fromisoformat(missed_at) if missed_at else now
        if now - since < _SHOWN_WITHIN:
            return Accepted(Ticket(f"{_MISSED_TICKET}{request_id}@{since.isoformat()}"))
        if isinstance(self._visibility.absence(DocumentKind.JOURNAL), LookupFailed):
            return Throttled()
        failure = self._jobs.failure(request_id)
        left = f"correct and import the rows of group {group_id(external_ref)}, or delete them and book it by hand"
        return Rejected(failure.kind, failure.code, f"{failure.text} (request {request_id}; {left})")

    def _posted_or(self, ref: ErpRef, waiting: Accepted) -> Submission:
        found = self.read(ref)
        if isinstance(found, LookupFailed):
            return Throttled()
        return Posted(ref) if found.posted else waiting

    def _batch(self, external_ref: ExternalRef) -> Location:
        page = self._resources.page(_BATCHES, [begins("BatchName", external_ref)], expand=_HEADERS)
        if isinstance(page, Unread):
            return page.lookup
        if len(page.rows) > 1:
            return Ambiguous(tuple(ErpRef(str(row.get("JeBatchId"))) for row in page.rows))
        if not page.rows:
            return Absent()
        document = self._document(page.rows[0])
        return document if isinstance(document, LookupFailed) else Found(document)

    def _document(self, batch: Row) -> PostedDocument | LookupFailed:
        try:
            (code,) = {str(header["CurrencyCode"]) for header in children(batch, _HEADERS)}
            unit = currency({theirs: ours for ours, theirs in self._entity.erp.currencies.items()}.get(code, code))
            debits = Money(Decimal(batch["RunningTotalDr"]), unit)
            return PostedDocument(
                ref=ErpRef(str(batch["JeBatchId"])),
                external_ref=str(batch["BatchName"]).partition(" ")[0],
                number=str(batch["BatchName"]),
                posted=batch["Status"] in _POSTED,
                accounting_period=self._settings.month_of(str(batch["DefaultPeriodName"])),
                net=debits,
                tax=Money.zero(unit),
                gross=debits,
            )
        except (KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError) as error:
            return LookupFailed(f"the journal batch cannot be read: {type(error).__name__}")
