"""What a look at the archive found, as exceptions to open and holds to place, per customer and billing period."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import CustomerId, ExceptionId, TenantId
from shared.domain.time_period import format_instant

_SHOWN = 5


@dataclass(frozen=True, slots=True, order=True)
class Hold:
    """`reason` is an exception's id, for a recount with a digest of what differed: other differences hold anew."""

    customer_id: CustomerId
    period_name: str
    reason: str


@dataclass(slots=True)
class ArchiveFindings:
    """Gathers sentences about what does not tie."""

    _of_customer: dict[tuple[CustomerId, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    _of_nobody: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, customer_id: CustomerId, period_name: str, finding: str) -> None:
        self._of_customer[customer_id, period_name].append(finding)

    def add_unowned(self, subject: str, finding: str) -> None:
        """Add a finding about usage that no customer of the catalogue owns: nobody's invoice can be held for it."""
        self._of_nobody[subject].append(finding)

    def holds(self) -> Iterator[Hold]:
        for (customer_id, period_name), findings in self._of_customer.items():
            opened = does_not_tie(customer_id, period_name)
            yield Hold(customer_id, period_name, f"{opened} {_digest(findings)}")

    def exceptions(self, tenant: TenantId, as_of: datetime) -> Iterator[ExceptionRecord]:
        for (customer_id, period_name), findings in self._of_customer.items():
            yield _exception(does_not_tie(customer_id, period_name), findings, tenant, as_of)
        for subject, findings in self._of_nobody.items():
            yield _exception(exception_id(ExceptionCode.ARCHIVE_DOES_NOT_TIE, subject), findings, tenant, as_of)


def does_not_tie(customer_id: CustomerId, period_name: str) -> ExceptionId:
    return exception_id(ExceptionCode.ARCHIVE_DOES_NOT_TIE, f"{customer_id}/{period_name}")


def _exception(opened: ExceptionId, findings: list[str], tenant: TenantId, as_of: datetime) -> ExceptionRecord:
    return ExceptionRecord(
        exception_id=opened,
        tenant=tenant,
        code=ExceptionCode.ARCHIVE_DOES_NOT_TIE,
        subject=opened.partition(":")[2],
        message=f"archive and ledger differ in {len(findings)} places",
        raised_at=as_of,
        detail={"as_of": format_instant(as_of), "first": "; ".join(sorted(findings)[:_SHOWN])},
    )


def _digest(findings: list[str]) -> str:
    return blake2b("\n".join(sorted(findings)).encode(), digest_size=8).hexdigest()
