"""A legacy ERP by files (port ReadableErp): what is submitted is staged for a file, what is read is what it answered.

The receiver refuses a second document with our key, and we stage none: submitting again changes nothing.
"""

from shared.adapters.erp.customer_key import customer_key
from shared.adapters.erp.legacy_files.documents import reading, staged
from shared.adapters.erp.legacy_files.verdicts import outcome_of
from shared.domain.erp_files.destination import Destination
from shared.domain.erp_files.file_format import FormatSettingError, TextNotWritableError
from shared.domain.erp_files.staged_document import Receiver, StagedDocument, Verdict, VerdictStatus
from shared.domain.identifiers import ExternalRef
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Currency
from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.digest import payload_digest
from shared.domain.posting.document import DocumentKind, PostingParty
from shared.domain.posting.journal import Document
from shared.domain.posting.limits import MisfitCode, unfit
from shared.domain.posting.notices import ASKED_INSTEAD
from shared.domain.posting.outcome import (
    Absent,
    Duplicate,
    ErpRef,
    Found,
    Location,
    LookupFailed,
    PostedDocument,
    Rejected,
    RejectionCode,
    RejectionKind,
    Submission,
    Ticket,
    Uncertain,
)
from shared.domain.posting.readings import (
    ConnectionReport,
    CustomerOutcome,
    CustomerReady,
    Customers,
    Notices,
    NotSupported,
    Periods,
    ReferenceData,
    ReferenceKind,
    Settlement,
    SettlementPage,
    Settlements,
)
from shared.domain.posting.systems.legacy_files import LEGACY_FILES
from shared.ports.erp_files import FilesUnavailableError, StagedDocuments

_FILES_A_PAGE = 10
_CUSTOMERS_NOT_SHOWN = "a receiver of files shows nothing of itself; compare the customers with its own list"
_NOT_SHOWN = "a receiver of files shows nothing of itself; compare the mapping with its own lists"


class LegacyFilesErp:
    """One company of a receiver. Without `documents` it can be looked at, and nothing can be posted."""

    def __init__(self, entity: LegalEntity, documents: StagedDocuments | None) -> None:
        self._entity = entity
        self._documents = documents

    def capabilities(self) -> Capabilities:
        return LEGACY_FILES.capabilities.as_set(self._entity.erp.settings)

    def check_connection(self) -> ConnectionReport:
        """Say what no file could be written by. Whether the receiver reads them, only its answers tell."""
        try:
            Destination.of(self._entity.erp)
        except FormatSettingError as error:
            return ConnectionReport((f"{error}: correct the mapping in the catalogue",))
        return ConnectionReport(())

    def submit(self, document: Document) -> Submission:
        refusal = unfit(document, self._entity.erp, LEGACY_FILES)
        if refusal is not None:
            return refusal
        told = staged(document, self._entity.erp)
        return self._unwritable(told) or self._staged(told)

    def advance(self, ref: ErpRef, document: Document) -> Submission:
        """Say what has become of it: there is nothing for us to bring on, unless another content is staged."""
        return self._outcome(ExternalRef(ref.value), document)

    def poll(self, ticket: Ticket, document: Document) -> Submission:
        return self._outcome(ExternalRef(ticket.value), document)

    def discard(self, ref: ErpRef, kind: DocumentKind) -> None:
        """Do nothing: a staged document may be in a file already."""

    def locate(self, external_ref: ExternalRef, kind: DocumentKind) -> Location:
        found = self._read(external_ref, kind)
        if isinstance(found, LookupFailed):
            return found
        if found is None or _was_refused(found.verdict):
            return Absent()
        return Found(reading(found))

    def read(self, ref: ErpRef, kind: DocumentKind) -> PostedDocument | LookupFailed:
        found = self._read(ExternalRef(ref.value), kind)
        if found is None:
            return LookupFailed(f"no document {ref.value} is staged")
        return found if isinstance(found, LookupFailed) else reading(found)

    def ensure_customer(self, party: PostingParty, currency: Currency) -> CustomerOutcome:
        """Name its key: each document says of its customer what the receiver needs to create it."""
        del currency
        return CustomerReady(customer_key(party.customer_id))

    def find_customers(self, party: PostingParty) -> Customers:
        del party
        return NotSupported(_CUSTOMERS_NOT_SHOWN)

    def settlements(self, cursor: str) -> Settlements:
        """Return what the receiver's next files of settlements told; the cursor is the number of the last one."""
        if self._documents is None:
            return LookupFailed("nothing can be read by files from here")
        of, last = Receiver(self._entity.legal_entity_id, self._entity.erp.company), int(cursor or "0")
        found: list[Settlement] = []
        try:
            for _ in range(_FILES_A_PAGE):
                told = self._documents.settlements(of, last + 1)
                if told is None:
                    break
                found += told
                last += 1
        except FilesUnavailableError as error:
            return LookupFailed(str(error))
        return SettlementPage(settlements=tuple(found), next_cursor=str(last), complete=told is None)

    def renew_notices(self, url: str, token: str) -> Notices:
        del url, token
        return NotSupported(ASKED_INSTEAD)

    def periods(self, kind: DocumentKind) -> Periods:
        del kind
        return NotSupported(_NOT_SHOWN)

    def reference(self, kind: ReferenceKind) -> ReferenceData:
        del kind
        return NotSupported(_NOT_SHOWN)

    def _unwritable(self, document: StagedDocument) -> Rejected | None:
        """Refuse what could not be written later, when nobody could be told any more."""
        try:
            Destination.of(self._entity.erp).format.encoded(document.records)
        except FormatSettingError as error:
            return Rejected.of(RejectionCode.SETTING, str(error))
        except TextNotWritableError as error:
            return Rejected(RejectionKind.VALIDATION, MisfitCode.NOT_IN_ENCODING.value, str(error))
        except ValueError as error:
            return Rejected.of(RejectionCode.TEXT_TOO_LONG, str(error))
        return None

    def _staged(self, document: StagedDocument) -> Submission:
        if self._documents is None:
            return Rejected.of(RejectionCode.NO_RECORDS, "nothing can be posted by files from here")
        try:
            kept = self._documents.stage(document)
        except FilesUnavailableError as error:
            return Uncertain(f"nobody knows whether it was staged: {error}")
        return outcome_of(kept) if kept.digest == document.digest else Duplicate()

    def _outcome(self, external_ref: ExternalRef, document: Document) -> Submission:
        found = self._read(external_ref, document.kind)
        if isinstance(found, LookupFailed):
            return Uncertain(found.reason)
        if found is None:
            return Uncertain(f"no document {external_ref} is staged")
        if found.digest != payload_digest(document):
            return Rejected.of(RejectionCode.STAGED_DIFFERS, "another content is staged under its key")
        return outcome_of(found)

    def _read(self, external_ref: ExternalRef, kind: DocumentKind) -> StagedDocument | LookupFailed | None:
        if self._documents is None:
            return LookupFailed("nothing can be looked up by files from here")
        try:
            return self._documents.staged(external_ref, kind)
        except FilesUnavailableError as error:
            return LookupFailed(str(error))


def _was_refused(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.status is VerdictStatus.REJECTED
