"""What a person is told of a file. Each exception is named by the file, so that telling it again opens it once."""

from datetime import datetime

from shared.domain.erp_files.delivery_file import DeliveryFile
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import TenantId

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
