"""What a person is told of a file. Each exception is named by the file, so that telling it again opens it once."""

from datetime import datetime

from shared.domain.erp_files.delivery_file import DeliveryFile
from shared.domain.erp_files.settlements import settlements_name
from shared.domain.erp_files.staged_document import Receiver
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import ExceptionId, TenantId

_MOST_TEXT = 500


def file_problem(
    code: ExceptionCode, file: DeliveryFile, why: str, *, tenant: TenantId, now: datetime
) -> ExceptionRecord:
    return ExceptionRecord(
        exception_id=exception_id(code, file.name),
        tenant=tenant,
        code=code,
        subject=file.name,
        message=why[:_MOST_TEXT],
        raised_at=now,
        detail={
            "legal_entity": file.stream.legal_entity_id,
            "kind": file.stream.kind.value,
            "documents": str(len(file.documents)),
            "sha256": file.sha256,
        },
    )


def settlements_problem(of: Receiver, sequence: int, why: str, *, tenant: TenantId, now: datetime) -> ExceptionRecord:
    return ExceptionRecord(
        exception_id=settlements_problem_id(of, sequence),
        tenant=tenant,
        code=ExceptionCode.ERP_SETTLEMENTS_UNREAD,
        subject=_settlements_subject(of, sequence),
        message=why[:_MOST_TEXT],
        raised_at=now,
        detail={"legal_entity": of.legal_entity_id, "company": of.company},
    )


def settlements_problem_id(of: Receiver, sequence: int) -> ExceptionId:
    return exception_id(ExceptionCode.ERP_SETTLEMENTS_UNREAD, _settlements_subject(of, sequence))


def _settlements_subject(of: Receiver, sequence: int) -> str:
    """Name the legal entity too: two receivers may call their companies the same."""
    return f"{of.legal_entity_id}/{settlements_name(of.company, sequence)}"
