"""The record of a bill run on the wire: as it is stored, and as `u2c bill-run` asks for it and gets it."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from shared.domain.invoicing.bill_run import BillRunId
from shared.domain.invoicing.bill_run_record import BillRunApproval, BillRunRecord

_RECORD = TypeAdapter(BillRunRecord)
_APPROVAL = TypeAdapter(BillRunApproval)


class BillRunAsked(BaseModel):
    """What record_bill_runs is invoked with: a schedule's time, or a name (the newest without one) and maybe a word."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: AwareDatetime | None = None
    bill_run_id: BillRunId | None = None
    approved_by: str = ""


def dump_record(record: BillRunRecord) -> str:
    return _RECORD.dump_json(record).decode()


def read_record(text: str) -> BillRunRecord:
    return _RECORD.validate_json(text)


def dump_approval(approval: BillRunApproval) -> str:
    return _APPROVAL.dump_json(approval).decode()


def read_approval(text: str) -> BillRunApproval:
    return _APPROVAL.validate_json(text)


def record_reply(record: BillRunRecord) -> dict[str, Any]:
    return {"record": _RECORD.dump_python(record, mode="json")}


def refusal_reply(refusal: Exception) -> dict[str, Any]:
    return {"refused": f"{refusal}"}


def read_reply(reply: dict[str, Any]) -> BillRunRecord | str:
    """Return the record, or why there is none."""
    if "refused" in reply:
        return str(reply["refused"])
    return _RECORD.validate_python(reply["record"])
