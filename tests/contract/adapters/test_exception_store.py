"""Every store opens an exception once, closes it once, and opens it again when it recurs, however it is told."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from moto import mock_aws

from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, ExceptionStatus, exception_id
from shared.domain.identifiers import TenantId
from shared.domain.resolution import Resolution
from shared.ports.exception_store import ExceptionStore
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.fakes.in_memory_exceptions import InMemoryExceptionStore

TENANT = TenantId("acme-saas")
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["in memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[ExceptionStore]:
    if request.param == "in memory":
        yield InMemoryExceptionStore(TENANT)
        return
    with mock_aws():
        yield DynamoExceptionStore(aws.dynamodb(), create_table("exceptions"), TENANT)


def unknown_globex(*, raised_at: datetime = NOON, message: str = "no such customer") -> ExceptionRecord:
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.UNKNOWN_CUSTOMER, "globex"),
        tenant=TENANT,
        code=ExceptionCode.UNKNOWN_CUSTOMER,
        subject="globex",
        message=message,
        raised_at=raised_at,
        detail={"meter": "api_calls"},
    )


def closing(record: ExceptionRecord, *, at: datetime = NOON + MINUTE) -> Resolution:
    return Resolution(exception_id=record.exception_id, tenant=TENANT, resolution="in the catalogue", resolved_at=at)


def status_of(store: ExceptionStore, record: ExceptionRecord) -> ExceptionStatus | None:
    found = store.find(record.exception_id)
    return found.status if found else None


def test_what_was_opened_is_found(store: ExceptionStore) -> None:
    store.open(unknown_globex())

    assert store.find(unknown_globex().exception_id) == unknown_globex()
    assert list(store.open_records(ExceptionCode.UNKNOWN_CUSTOMER)) == [unknown_globex()]
    assert list(store.records(ExceptionCode.UNKNOWN_METER)) == []


def test_what_was_never_opened_is_not_found(store: ExceptionStore) -> None:
    assert store.find(unknown_globex().exception_id) is None


def test_the_first_report_stays(store: ExceptionStore) -> None:
    store.open(unknown_globex())
    store.open(unknown_globex(raised_at=NOON + MINUTE, message="again"))

    assert store.find(unknown_globex().exception_id) == unknown_globex()


def test_a_resolved_exception_is_kept_and_not_open(store: ExceptionStore) -> None:
    store.open(unknown_globex())
    store.resolve(closing(unknown_globex()))
    store.resolve(closing(unknown_globex()))

    (record,) = store.records(ExceptionCode.UNKNOWN_CUSTOMER)
    assert (record.status, record.resolution, record.raised_at) == (ExceptionStatus.RESOLVED, "in the catalogue", NOON)
    assert list(store.open_records(ExceptionCode.UNKNOWN_CUSTOMER)) == []


def test_a_report_that_comes_twice_does_not_undo_its_resolution(store: ExceptionStore) -> None:
    store.open(unknown_globex())
    store.resolve(closing(unknown_globex()))
    store.open(unknown_globex())

    assert status_of(store, unknown_globex()) is ExceptionStatus.RESOLVED


def test_a_resolution_that_overtakes_its_report_leaves_it_resolved_with_its_facts(store: ExceptionStore) -> None:
    store.resolve(closing(unknown_globex()))
    assert status_of(store, unknown_globex()) is ExceptionStatus.RESOLVED
    store.open(unknown_globex())

    found = store.find(unknown_globex().exception_id)
    assert found is not None
    assert (found.status, found.message) == (ExceptionStatus.RESOLVED, "no such customer")


def test_what_recurs_after_its_resolution_is_open_again(store: ExceptionStore) -> None:
    store.open(unknown_globex())
    store.resolve(closing(unknown_globex()))
    store.open(unknown_globex(raised_at=NOON + 2 * MINUTE))

    assert status_of(store, unknown_globex()) is ExceptionStatus.OPEN


def test_an_old_resolution_that_comes_again_does_not_close_what_recurred(store: ExceptionStore) -> None:
    store.open(unknown_globex())
    store.resolve(closing(unknown_globex()))
    store.open(unknown_globex(raised_at=NOON + 2 * MINUTE))
    store.resolve(closing(unknown_globex()))

    assert status_of(store, unknown_globex()) is ExceptionStatus.OPEN


def test_a_recurrence_is_not_closed_by_the_resolution_of_what_was_before(store: ExceptionStore) -> None:
    """The queue has no order: whichever message comes first, the last one by its own time decides."""
    for order in permutations(["raised", "resolved", "raised again"]):
        _tell(store, order)
        assert status_of(store, _about(order)) is ExceptionStatus.OPEN, order


def test_a_recurrence_that_its_resolution_overtakes_is_resolved(store: ExceptionStore) -> None:
    for order in permutations(["raised", "resolved", "raised again", "resolved again"]):
        _tell(store, order)
        assert status_of(store, _about(order)) is ExceptionStatus.RESOLVED, order


def _about(order: Sequence[str]) -> ExceptionRecord:
    """Return an exception for each order in which it is told, so that all are kept apart."""
    subject = ", ".join(order)
    return replace(
        unknown_globex(), exception_id=exception_id(ExceptionCode.UNKNOWN_CUSTOMER, subject), subject=subject
    )


def _tell(store: ExceptionStore, order: Sequence[str]) -> None:
    happened_at = {"raised": 0, "resolved": 1, "raised again": 2, "resolved again": 3}
    for what in order:
        at = NOON + happened_at[what] * MINUTE
        if what.startswith("raised"):
            store.open(replace(_about(order), raised_at=at))
        else:
            store.resolve(closing(_about(order), at=at))


def test_subjects_of_any_length_are_kept_apart(store: ExceptionStore) -> None:
    subjects = ["ü" * 600, "ü" * 599 + "a", "short"]
    records = [
        ExceptionRecord(
            exception_id=exception_id(ExceptionCode.USAGE_CONFLICT, subject),
            tenant=TENANT,
            code=ExceptionCode.USAGE_CONFLICT,
            subject=subject,
            message="two contents",
            raised_at=NOON,
        )
        for subject in subjects
    ]
    for record in records:
        store.open(record)

    assert {record.subject for record in store.records(ExceptionCode.USAGE_CONFLICT)} == set(subjects)
