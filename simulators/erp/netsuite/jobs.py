"""Asynchronous jobs: what is asked with `Prefer: respond-async` is done later, each record as a task of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from simulators.erp.netsuite.dialect import NetSuiteDialect, invalid_content, not_found
from simulators.http.exact_json import MalformedJsonError
from simulators.http.exchange import Refusal, Reply

FIRST_ID: Final = 1
Work = Callable[[], Reply]


@dataclass(slots=True)
class Task:
    """One record of a job; `reply` is what a synchronous call would have been answered."""

    work: Work
    reply: Reply | None = None


@dataclass(slots=True)
class Job:
    job_id: str
    submitted_at: datetime
    due_at: datetime | None  # None: it is never done
    tasks: list[Task] = field(default_factory=list)
    completed_at: datetime | None = None


class JobQueue:
    """Jobs in the order in which they came; each is worked through `delay` after it was submitted."""

    def __init__(self, *, now: Callable[[], datetime], delay: timedelta, dialect: NetSuiteDialect) -> None:
        self._now = now
        self._delay = delay
        self._dialect = dialect
        self._jobs: dict[str, Job] = {}
        self._by_key: dict[str, str] = {}

    def submitted(self, work: Sequence[Work], *, idempotency_key: str, late_by: timedelta | None) -> Job:
        """Take a job; `late_by` more than usual, None is never."""
        now = self._now()
        due_at = None if late_by is None else now + self._delay + late_by
        job = Job(str(FIRST_ID + len(self._jobs)), now, due_at, [Task(one) for one in work])
        self._jobs[job.job_id] = job
        if idempotency_key:
            self._by_key[idempotency_key] = job.job_id
        return job

    def with_key(self, idempotency_key: str) -> str | None:
        """Return the job that came with a key; refuse a key that is no UUID."""
        if not idempotency_key:
            return None
        try:
            UUID(idempotency_key)
        except ValueError as error:
            raise invalid_content("X-NetSuite-Idempotency-Key must be a UUID.") from error
        return self._by_key.get(idempotency_key)

    def job(self, job_id: str) -> Job:
        if job_id not in self._jobs:
            raise not_found()
        return self._jobs[job_id]

    def task(self, job_id: str, task_id: str) -> Task:
        tasks = self.job(job_id).tasks
        if not task_id.isdecimal() or not 0 < int(task_id) <= len(tasks):
            raise not_found()
        return tasks[int(task_id) - 1]

    def work(self) -> None:
        """Do what is due, oldest first."""
        for job in self._jobs.values():
            if job.completed_at is None and job.due_at is not None and job.due_at <= self._now():
                job.completed_at = job.due_at
                for task in job.tasks:
                    task.reply = self._done(task.work)

    def _done(self, work: Work) -> Reply:
        try:
            return work()
        except MalformedJsonError as error:
            return self._dialect.refused(self._dialect.malformed(str(error)))
        except Refusal as refusal:
            return self._dialect.refused(refusal)
