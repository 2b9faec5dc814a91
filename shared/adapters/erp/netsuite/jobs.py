"""Asynchronous calls, for those who ask for them (setting `respond_async`): a job that takes the record later.

Only here NetSuite heeds its idempotency key: a second call with ours names the job that the first one made. So what a
finished job has come to is what it comes to for ever: sending its record again asks the same job.
A ticket is job/ID, or job/ID@TIME once its record was missed after a result that need not be the record's own.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final, Self
from uuid import NAMESPACE_OID, uuid5

from shared.adapters.erp.netsuite.errors import after_failed_call, before_the_document, is_absent
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
_TICKET: Final = re.compile(r"(job/[0-9]+)(?:@(.+))?")


@dataclass(frozen=True, slots=True)
class JobTicket:
    """A job, by its path, and since when its record is missed."""

    job: str
    missed_at: datetime | None = None

    @classmethod
    def of(cls, ticket: Ticket) -> Self | None:
        """Return None for the ticket of a record."""
        named = _TICKET.fullmatch(ticket.value)
        return cls(named[1], datetime.fromisoformat(named[2]) if named[2] else None) if named else None

    @property
    def ticket(self) -> Ticket:
        return Ticket(f"{self.job}@{self.missed_at.isoformat()}" if self.missed_at else self.job)


@dataclass(frozen=True, slots=True)
class Unclear:
    """What a finished job says may be of its record or of a look at its result. `refusal` is for one that is missed."""

    refusal: Rejected


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


def result_of(session: ErpSession, asked: JobTicket) -> Submission | Unclear:
    """Return what became of the one record of a job. A job that is done may have refused it."""
    address = f"/async/v1/{asked.job}"
    job = session.call("GET", address)
    if not isinstance(job, Reply) or job.status != HTTPStatus.OK:
        return _not_asked(job, f"NetSuite does not know {asked.job}")
    try:
        completed = job.json().get("completed")
    except MalformedReplyError:
        return Throttled()
    if completed is not True:
        return Accepted(asked.ticket)
    result = session.call("GET", f"{address}/task/1/result")
    if isinstance(result, Reply) and result.succeeded:
        internal_id = result.headers.get("location", "").rstrip("/").rpartition("/")[2]
        if internal_id.isdigit():
            return Posted(ErpRef(internal_id))
    return _without_record(result, asked.job)


def _without_record(result: CallResult, job: str) -> Submission | Unclear:
    """Return what the result of a job says, which the record's own call would have been answered."""
    if not isinstance(result, Reply):
        return before_the_document(result)
    outcome = after_failed_call(result)
    if isinstance(outcome, Uncertain):
        outcome = Rejected(RejectionKind.VALIDATION, str(result.status), f"no word of the record: {outcome.reason}")
    elif not isinstance(outcome, Rejected) or (outcome.kind is not RejectionKind.PERMISSION and not is_absent(result)):
        return outcome
    text = f"{outcome.text} ({job} is done, and says this of the record or of a look at its result)"
    return Unclear(Rejected(outcome.kind, outcome.code, text))


def _not_asked(result: CallResult, unknown: str) -> Submission:
    if isinstance(result, Reply) and is_absent(result):
        return Uncertain(unknown)
    return result if isinstance(result, AuthFailed) else Throttled()
