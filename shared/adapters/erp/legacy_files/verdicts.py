"""What a receiver has said of a document, as an outcome."""

from shared.domain.erp_files.staged_document import StagedDocument, Verdict, VerdictStatus
from shared.domain.posting.outcome import Accepted, ErpRef, Posted, Rejected, RejectionKind, Submission, Ticket

_KINDS = {
    "UNKNOWN_ACCOUNT": RejectionKind.MAPPING,
    "UNKNOWN_TAX_CODE": RejectionKind.MAPPING,
    "UNKNOWN_CURRENCY": RejectionKind.MAPPING,
    "UNKNOWN_DIMENSION": RejectionKind.MAPPING,
    "UNKNOWN_CUSTOMER": RejectionKind.MAPPING,
    "PERIOD_CLOSED": RejectionKind.PERIOD,
    "NOT_PERMITTED": RejectionKind.PERMISSION,
    "FILE_REFUSED": RejectionKind.CONFIGURATION,
}


def outcome_of(document: StagedDocument) -> Submission:
    """Return what has become of a staged document: accepted until its receiver has said more."""
    match document.verdict:
        case None:
            return Accepted(Ticket(document.external_ref))
        case Verdict(status=VerdictStatus.POSTED):
            return Posted(ErpRef(document.external_ref))
        case Verdict(code=code, text=text):
            return Rejected(_KINDS.get(code, RejectionKind.VALIDATION), code, text)
