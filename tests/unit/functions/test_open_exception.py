"""Opening exceptions: all of a message or none that is another tenant's."""

from datetime import UTC, datetime

import pytest

from functions.open_exception.use_case import OtherTenantError, open_exceptions
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import TenantId
from shared.domain.resolution import Resolution
from tests.fakes.in_memory_exceptions import InMemoryExceptionStore

TENANT = TenantId("acme-saas")
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def unknown(subject: str, *, tenant: TenantId = TENANT) -> ExceptionRecord:
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.UNKNOWN_CUSTOMER, subject),
        tenant=tenant,
        code=ExceptionCode.UNKNOWN_CUSTOMER,
        subject=subject,
        message="no customer goes by this subject",
        raised_at=NOON,
    )


def test_a_message_opens_and_closes() -> None:
    store = InMemoryExceptionStore(TENANT)
    closed = Resolution(
        exception_id=unknown("globex").exception_id, tenant=TENANT, resolution="in the catalogue", resolved_at=NOON
    )

    open_exceptions([unknown("globex"), unknown("initech")], [closed], tenant=TENANT, store=store)
    open_exceptions([unknown("globex"), unknown("initech")], [closed], tenant=TENANT, store=store)

    assert [record.subject for record in store.open_records(ExceptionCode.UNKNOWN_CUSTOMER)] == ["initech"]


def test_another_tenants_message_writes_nothing() -> None:
    store = InMemoryExceptionStore(TENANT)

    with pytest.raises(OtherTenantError):
        open_exceptions(
            [unknown("globex"), unknown("initech", tenant=TenantId("other"))], [], tenant=TENANT, store=store
        )

    assert list(store.records(ExceptionCode.UNKNOWN_CUSTOMER)) == []
