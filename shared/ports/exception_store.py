"""The exceptions as they are kept: one record per id, opened once, closed once, opened again when it recurs."""

from collections.abc import Iterator
from typing import Protocol

from shared.domain.exception_record import ExceptionCode, ExceptionRecord
from shared.domain.identifiers import ExceptionId
from shared.domain.resolution import Resolution


class ExceptionStore(Protocol):
    def open(self, record: ExceptionRecord) -> None:
        """Open the exception. Open already: nothing changes. Resolved: it opens again if raised after that."""

    def resolve(self, closed: Resolution) -> None:
        """Close the exception, also one not opened yet. One that was raised after the resolution stays open."""

    def find(self, exception_id: ExceptionId) -> ExceptionRecord | None: ...

    def records(self, code: ExceptionCode) -> Iterator[ExceptionRecord]:
        """Yield all exceptions of a code, open and resolved, by subject."""

    def between(self, code: ExceptionCode, first: str, last: str) -> Iterator[ExceptionRecord]:
        """Yield those of a code, open and resolved, whose subjects sort as text from the first to the last."""

    def open_records(self, code: ExceptionCode) -> Iterator[ExceptionRecord]: ...
