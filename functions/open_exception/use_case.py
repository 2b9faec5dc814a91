"""Write what one message of the exceptions queue says."""

from collections.abc import Sequence

from shared.domain.exception_record import ExceptionRecord
from shared.domain.identifiers import TenantId
from shared.domain.resolution import Resolution
from shared.ports.exception_store import ExceptionStore


class OtherTenantError(ValueError):
    """The message is about another tenant's exceptions; it was sent to the wrong queue."""


def open_exceptions(
    raised: Sequence[ExceptionRecord], resolved: Sequence[Resolution], *, tenant: TenantId, store: ExceptionStore
) -> None:
    """Open, then close. Done twice or half and again, it ends the same. Raises OtherTenantError before any write."""
    others = {record.tenant for record in raised} | {closed.tenant for closed in resolved}
    if others - {tenant}:
        raise OtherTenantError(f"exceptions of {sorted(others)} came to {tenant}")
    for record in raised:
        store.open(record)
    for closed in resolved:
        store.resolve(closed)
