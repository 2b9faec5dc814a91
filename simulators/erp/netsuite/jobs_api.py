"""Jobs as callers see them: submitted with a record call, then read under /async/v1/job."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

from simulators.erp.netsuite.dialect import NetSuiteDialect, invalid_content, not_found
from simulators.erp.netsuite.jobs import Job, JobQueue, Task
from simulators.http import exact_json
from simulators.http.exchange import Call, Handler, Refusal, Reply, json_reply
from simulators.http.faults import Fault

BATCH_MAX: Final = 100
KEY_HEADER: Final = "x-netsuite-idempotency-key"
LATE: Final[dict[Fault | None, timedelta | None]] = {
    Fault.POSTING_LATE: timedelta(days=1),
    Fault.POSTING_NEVER: None,
}


@dataclass(frozen=True, slots=True)
class JobsApi:
    """Submits and shows jobs. `services` is the path under which the services of the account are."""

    queue: JobQueue
    dialect: NetSuiteDialect
    services: str

    def wrapped(self, handler: Handler) -> Handler:
        """Return a handler of record calls that can be asked for later, and only so for several records at once."""
        return partial(self._now_or_later, handler)

    def _now_or_later(self, handler: Handler, call: Call) -> Reply:
        records = _records(call)
        if "respond-async" not in call.headers.get("prefer", "").lower():
            if records is not None:
                raise invalid_content("Several records at once are taken with Prefer: respond-async only.")
            return handler(call)
        key = call.headers.get(KEY_HEADER, "")
        held = self.queue.with_key(key)
        if held is not None:
            return self._conflict(held)
        calls = [call] if records is None else [replace(call, body=exact_json.dumps(one)) for one in records]
        work: list[Callable[[], Reply]] = [partial(handler, one) for one in calls]
        late_by = LATE.get(call.fault, timedelta(0))
        job = self.queue.submitted(work, idempotency_key=key, late_by=late_by)
        return Reply(status=202, headers={"Preference-Applied": "respond-async", "Location": self._address(job.job_id)})

    def _conflict(self, job_id: str) -> Reply:
        text = "A request with this idempotency key was submitted before; Location names its job."
        refused = self.dialect.refused(Refusal(400, "IDEMPOTENCY_ERROR", text))
        body = exact_json.loads(refused.body) | {"title": "Conflict"}
        headers = {"Preference-Applied": "respond-async", "Location": self._address(job_id)}
        return replace(refused, body=exact_json.dumps(body), headers=headers)

    def get_job(self, call: Call) -> Reply:
        job = self.queue.job(call.path["job"])
        body = {
            "links": [{"rel": "self", "href": call.address}],
            "id": job.job_id,
            "completed": job.completed_at is not None,
            "progress": "pending" if job.completed_at is None else "succeeded",
            "task": {"links": [{"rel": "self", "href": f"{call.address}/task"}]},
        }
        return json_reply(200, body)

    def get_tasks(self, call: Call) -> Reply:
        job = self.queue.job(call.path["job"])
        items = [
            {"id": str(number), "links": [{"rel": "self", "href": f"{call.address}/{number}"}]}
            for number in range(1, len(job.tasks) + 1)
        ]
        body = {"links": [], "count": len(items), "hasMore": False, "items": items, "offset": 0}
        return json_reply(200, body | {"totalResults": len(items)})

    def get_task(self, call: Call) -> Reply:
        job = self.queue.job(call.path["job"])
        task = self.queue.task(job.job_id, call.path["task"])
        body: dict[str, Any] = {
            "links": [{"rel": "self", "href": call.address}, {"rel": "related", "href": f"{call.address}/result"}],
            "id": call.path["task"],
            "completed": task.reply is not None,
            "progress": _progress(task),
            "startTime": f"{job.submitted_at:%Y-%m-%dT%H:%M:%SZ}",
        }
        return json_reply(200, body | _ended(job))

    def get_result(self, call: Call) -> Reply:
        """Answer what the call itself would have been answered."""
        reply = self.queue.task(call.path["job"], call.path["task"]).reply
        if reply is None:
            raise not_found()
        return reply

    def _address(self, job_id: str) -> str:
        return f"{self.services}/async/v1/job/{job_id}"


def _progress(task: Task) -> str:
    if task.reply is None:
        return "pending"
    return "succeeded" if task.reply.status < 400 else "failed"  # noqa: PLR2004 - the first status of a refusal


def _ended(job: Job) -> dict[str, str]:
    return {} if job.completed_at is None else {"endTime": f"{job.completed_at:%Y-%m-%dT%H:%M:%SZ}"}


def _records(call: Call) -> list[dict[str, Any]] | None:
    """Return the records of a collection, None for a single one; refuse a collection that is too great or of others."""
    if "type=collection" not in call.headers.get("content-type", "").replace(" ", "").lower():
        return None
    items = call.json_object().get("items")
    if not isinstance(items, list) or not 0 < len(items) <= BATCH_MAX or not all(isinstance(i, dict) for i in items):
        raise invalid_content(f"A collection has 1 to {BATCH_MAX} items, which are records.", path="items")
    return items
