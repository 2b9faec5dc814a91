"""Read messages of the exceptions queue: what to open and what to close, many at once."""

from collections.abc import Sequence

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.domain.exception_record import ExceptionCode, ExceptionRecord
from shared.domain.identifiers import ExceptionId, TenantId
from shared.domain.resolution import Resolution


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RaiseException(_Wire):
    exception_id: str = Field(min_length=1)
    tenant: str = Field(min_length=1)
    code: ExceptionCode
    subject: str
    message: str
    raised_at: AwareDatetime
    detail: dict[str, str] = {}

    def to_domain(self) -> ExceptionRecord:
        return ExceptionRecord(
            exception_id=ExceptionId(self.exception_id),
            tenant=TenantId(self.tenant),
            code=self.code,
            subject=self.subject,
            message=self.message,
            raised_at=self.raised_at,
            detail=self.detail,
        )


class ResolveException(_Wire):
    exception_id: str = Field(pattern=r"^[A-Z_]+:")
    tenant: str = Field(min_length=1)
    resolution: str
    resolved_at: AwareDatetime

    def to_domain(self) -> Resolution:
        return Resolution(
            exception_id=ExceptionId(self.exception_id),
            tenant=TenantId(self.tenant),
            resolution=self.resolution,
            resolved_at=self.resolved_at,
        )


class ExceptionsMessage(_Wire):
    """One message. `raise` comes before `resolve`."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    raised: tuple[RaiseException, ...] = Field(default=(), alias="raise")
    resolved: tuple[ResolveException, ...] = Field(default=(), alias="resolve")


def read_message(body: str) -> tuple[Sequence[ExceptionRecord], Sequence[Resolution]]:
    """Read a message of the queue; raise ValueError for anything else."""
    message = ExceptionsMessage.model_validate_json(body)
    return [raised.to_domain() for raised in message.raised], [closed.to_domain() for closed in message.resolved]
