"""Asynchronous calls, for those who ask for them (setting `respond_async`): a job that takes the record later.

Only here NetSuite heeds its idempotency key: a second call with ours names the job that the first one made.
"""

import re
from http import HTTPStatus
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from shared.adapters.erp.netsuite.errors import after_failed_call, is_absent
from shared.adapters.erp.session import CallResult, ErpSession
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.identifiers import ExternalRef
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import (
    Accepted,
    AuthFailed,
    Duplicate,
    ErpRef,
    Posted,
    Rejected,
    RejectionKind,
    Submission,
    Throttled,
    Ticket,
    Uncertain,
)

SETTING: Final = "respond_async"
_JOB: Final = re.compile(r".*/async/v1/job/([0-9]+)/?")
_TICKET: Final = re.compile(r"job/([0-9]+)")


def asynchronous_headers(external_ref: ExternalRef, kind: DocumentKind) -> dict[str, str]:
    key = uuid5(NAMESPACE_OID, f"{kind}/{external_ref}")
    return {"Prefer": "respond-async", "X-NetSuite-Idempotency-Key": str(key)}


def job_of(result: CallResult) -> Accepted | None:
    """Return the job that has taken the record, now or at an earlier call with our key; None where no job is named."""
    if not isinstance(result, Reply):
        return None
    taken = result.status == HTTPStatus.ACCEPTED or isinstance(after_failed_call(result), Duplicate)
    named = _JOB.fullmatch(result.headers.get("location", ""))
    return Accepted(Ticket(f"job/{named[1]}")) if taken and named else None


def is_job(ticket: Ticket) -> bool:
    return _TICKET.fullmatch(ticket.value) is not None


def result_of(session: ErpSession, ticket: Ticket) -> Submission:
    """Return what became of the one record of a job. A job that is done may have refused it."""
    address = f"/async/v1/{ticket.value}"
    job = session.call("GET", address)
    if not isinstance(job, Reply) or job.status != HTTPStatus.OK:
        return _not_asked(job, f"NetSuite does not know {ticket.value}")
    try:
        completed = job.json().get("completed")
    except MalformedReplyError:
        return Throttled()
    if completed is not True:
        return Accepted(ticket)
    result = session.call("GET", f"{address}/task/1/result")
    if isinstance(result, Reply) and result.succeeded:
        internal_id = result.headers.get("location", "").rstrip("/").rpartition("/")[2]
        return Posted(ErpRef(internal_id)) if internal_id.isdigit() else Uncertain(f"{ticket.value} names no record")
    return _without_success(result, ticket)


def _without_success(result: CallResult, ticket: Ticket) -> Submission:
    """Return what the result of a job says, which the record's own call would have been answered."""
    if isinstance(result, Reply) and is_absent(result):
        return Uncertain(f"{ticket.value} is done and has no result")
    outcome = after_failed_call(result)
    if isinstance(outcome, Rejected) and outcome.kind is RejectionKind.PERMISSION:
        # The role may be refused a look at the result, whatever that is: this says nothing about the record.
        return Uncertain(f"{ticket.value} is done, and its result is not shown: {outcome.code}: {outcome.text}")
    return outcome


def _not_asked(result: CallResult, unknown: str) -> Submission:
    if isinstance(result, Reply) and is_absent(result):
        return Uncertain(unknown)
    return result if isinstance(result, AuthFailed) else Throttled()
