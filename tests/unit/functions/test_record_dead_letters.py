"""Dead letters become exceptions that somebody owns, one for each thing, however often it died."""

from collections.abc import Iterator
from datetime import UTC, datetime

from functions.record_dead_letters.use_case import record_dead_letters
from shared.domain.dead_letter import DeadLetter
from shared.domain.identifiers import TenantId
from tests.fakes.in_memory_exceptions import InMemoryExceptionReporter

SEEN_AT = datetime(2026, 1, 15, 10, 15, tzinfo=UTC)
POSTING = '{"tenant": "acme-saas", "posting_id": "acme-2026/2026-01/r001", "task_token": "bearer"}'


class FakeDeadLetters:
    def __init__(self, *letters: DeadLetter) -> None:
        self._letters = letters

    def peek(self) -> Iterator[DeadLetter]:
        return iter(self._letters)


def record(*bodies: str) -> InMemoryExceptionReporter:
    reporter = InMemoryExceptionReporter()
    letters = FakeDeadLetters(*(DeadLetter(queue="erp-postings", body=body) for body in bodies))
    seen = record_dead_letters(SEEN_AT, tenant=TenantId("acme-saas"), dead_letters=letters, reporter=reporter)
    assert seen == len(bodies)
    return reporter


def test_a_dead_posting_is_an_exception_about_the_posting() -> None:
    (opened,) = record(POSTING).open.values()

    assert opened.exception_id == "DEAD_LETTER:erp-postings/acme-2026/2026-01/r001"
    assert opened.raised_at == SEEN_AT


def test_a_posting_that_died_twice_is_one_exception() -> None:
    assert len(record(POSTING, POSTING).open) == 1


def test_the_body_stays_in_the_queue() -> None:
    assert "bearer" not in str(record(POSTING).reported)


def test_empty_queues_report_nothing() -> None:
    assert record().reported == []
