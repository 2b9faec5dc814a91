"""Requests to amend a contract on the wire, as they are asked for, stored and answered; and recorded amendments."""

from collections.abc import Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from shared.contracts.catalog.subscriptions import AmendmentEntry
from shared.contracts.catalog.values import Id
from shared.domain.identifiers import ContractId, CustomerId, TenantId
from shared.domain.master_data.recorded_amendments import RecordedAmendment
from shared.domain.subscriptions.amendment import Amendment
from shared.domain.subscriptions.amendment_request import (
    AmendmentRequest,
    AmendmentRequestId,
    AmendmentState,
    AmendmentStep,
    AskedAmendment,
)

_UTC = ZoneInfo("UTC")
# What names an execution, and a record in a CRM, without being escaped.
RequestName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,80}$")]


class AmendmentAsked(BaseModel):
    """The request in the input of an execution of amend_subscription."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant: str = Field(min_length=1)
    request_id: RequestName
    customer: Id
    contract: Id
    amendment: AmendmentEntry
    asked_by: str = Field(min_length=1, max_length=200)

    def to_domain(self) -> AskedAmendment:
        return AskedAmendment(
            tenant=TenantId(self.tenant),
            request_id=AmendmentRequestId(self.request_id),
            customer_id=CustomerId(self.customer),
            contract_id=ContractId(self.contract),
            asked_by=self.asked_by,
            text=self.model_dump_json(exclude_none=True),
        )

    def amendment_in(self, zone: ZoneInfo) -> Amendment:
        """Return the amendment with its days read in a customer's zone."""
        return self.amendment.to_domain(zone=zone)


def asked_text(asked: AmendmentAsked) -> str:
    """Return the input of an execution that amends as it is asked."""
    return f'{{"request": {asked.model_dump_json(exclude_none=True)}}}'


class Failure(BaseModel):
    """What Step Functions says of a task that failed. The cause of a function's error is JSON, with its message."""

    error: str = Field(alias="Error")
    cause: str = Field(default="", alias="Cause")

    def __str__(self) -> str:
        try:
            said = _Cause.model_validate_json(self.cause)
        except ValidationError:
            return self.error
        return f"{self.error}: {said.errorMessage}"


class _Cause(BaseModel):
    errorMessage: str  # noqa: N815 - Lambda's name


class AmendmentStepAsked(BaseModel):
    """What each task of amend_subscription is invoked with; a withdrawal also with what failed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    request: AmendmentAsked
    failure: Failure | None = None


class OtherTenantError(ValueError):
    """The request is about another tenant's contract."""


def read_step(event: dict[str, Any], *, tenant: TenantId) -> AmendmentStepAsked:
    """Read a task's event; raises OtherTenantError."""
    step = AmendmentStepAsked.model_validate(event)
    if step.request.tenant != tenant:
        raise OtherTenantError(f"a request of {step.request.tenant} came to {tenant}")
    return step


class _RequestRecord(BaseModel):
    asked: AskedAmendment
    history: tuple[AmendmentStep, ...]
    amendment: AmendmentEntry | None = None


def dump_request(request: AmendmentRequest) -> str:
    amendment = None if request.amendment is None else AmendmentEntry.of(request.amendment)
    return _RequestRecord(asked=request.asked, amendment=amendment, history=request.history).model_dump_json(
        exclude_none=True
    )


def read_request(text: str) -> AmendmentRequest:
    record = _RequestRecord.model_validate_json(text)
    amendment = None if record.amendment is None else record.amendment.to_domain(zone=_UTC)
    return AmendmentRequest(asked=record.asked, amendment=amendment, history=record.history)


class _RecordedRow(BaseModel):
    request_id: str
    contract: str
    amendment: AmendmentEntry
    since: int
    until: int | None = None


_ROWS = TypeAdapter(list[_RecordedRow])


def dump_recorded(recorded: Sequence[RecordedAmendment]) -> str:
    rows = [
        _RecordedRow(
            request_id=one.request_id,
            contract=one.contract_id,
            amendment=AmendmentEntry.of(one.amendment),
            since=one.since,
            until=one.until,
        )
        for one in recorded
    ]
    return _ROWS.dump_json(rows, exclude_none=True).decode()


def read_recorded(text: str) -> tuple[RecordedAmendment, ...]:
    return tuple(
        RecordedAmendment(
            request_id=AmendmentRequestId(row.request_id),
            contract_id=ContractId(row.contract),
            amendment=row.amendment.to_domain(zone=_UTC),
            since=row.since,
            until=row.until,
        )
        for row in _ROWS.validate_json(text)
    )


def state_reply(state: AmendmentState) -> dict[str, str]:
    """Return what a task of amend_subscription answers."""
    return {"state": state.value}
