"""Exceptions in memory: the reporter as use cases see it, and the store behind the queue."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, ExceptionStatus
from shared.domain.identifiers import ExceptionId, TenantId
from shared.domain.resolution import Resolution


class InMemoryExceptionReporter:
    """Keeps what was reported, in order; `open` holds what is not resolved."""

    def __init__(self) -> None:
        self.reported: list[ExceptionRecord] = []
        self.resolved: dict[ExceptionId, str] = {}
        self.resolved_at: dict[ExceptionId, datetime] = {}

    def report(self, records: Sequence[ExceptionRecord]) -> None:
        self.reported.extend(records)

    def resolve(self, exception_id: ExceptionId, resolution: str, resolved_at: datetime) -> None:
        self.resolved[exception_id] = resolution
        self.resolved_at[exception_id] = resolved_at

    @property
    def open(self) -> dict[ExceptionId, ExceptionRecord]:
        records = {record.exception_id: record for record in reversed(self.reported)}
        return {name: record for name, record in records.items() if name not in self.resolved}


class InMemoryExceptionStore:
    def __init__(self, tenant: TenantId) -> None:
        self._tenant = tenant
        self._records: dict[ExceptionId, ExceptionRecord] = {}
        self._resolved_at: dict[ExceptionId, datetime] = {}
        self._last_raised_at: dict[ExceptionId, datetime] = {}
        self._without_facts: set[ExceptionId] = set()

    def open(self, record: ExceptionRecord) -> None:
        name = record.exception_id
        known = self._records.get(name)
        if known is None or (name in self._resolved_at and self._resolved_at[name] < record.raised_at):
            self._records[name] = replace(record, status=ExceptionStatus.OPEN, resolution="")
            self._resolved_at.pop(name, None)
            self._last_raised_at[name] = record.raised_at
        elif name in self._without_facts:
            self._records[name] = replace(record, status=known.status, resolution=known.resolution)
        elif known.status is ExceptionStatus.OPEN:
            self._last_raised_at[name] = max(self._last_raised_at[name], record.raised_at)
        self._without_facts.discard(name)

    def resolve(self, closed: Resolution) -> None:
        name = closed.exception_id
        known = self._records.get(name)
        if known is None:
            self._without_facts.add(name)
            code, _, subject = name.partition(":")
            known = ExceptionRecord(
                exception_id=name,
                tenant=self._tenant,
                code=ExceptionCode(code),
                subject=subject,
                message="",
                raised_at=closed.resolved_at,
            )
        last = self._resolved_at.get(name, self._last_raised_at.get(name, known.raised_at))
        if last <= closed.resolved_at:
            self._records[name] = replace(known, status=ExceptionStatus.RESOLVED, resolution=closed.resolution)
            self._resolved_at[name] = closed.resolved_at

    def find(self, exception_id: ExceptionId) -> ExceptionRecord | None:
        return self._records.get(exception_id)

    def records(self, code: ExceptionCode) -> Iterator[ExceptionRecord]:
        found = [record for record in self._records.values() if record.code is code]
        return iter(sorted(found, key=lambda record: record.exception_id))

    def between(self, code: ExceptionCode, first: str, last: str) -> Iterator[ExceptionRecord]:
        return (record for record in self.records(code) if first <= record.subject <= last)

    def open_records(self, code: ExceptionCode) -> Iterator[ExceptionRecord]:
        return (record for record in self.records(code) if record.status is ExceptionStatus.OPEN)
