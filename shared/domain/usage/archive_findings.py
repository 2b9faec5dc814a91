"""What a look at the archive found, as exceptions to open and holds to place, per customer and calendar month."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import CustomerId, ExceptionId, TenantId
from shared.domain.time_period import format_instant

_SHOWN = 5
_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True, order=True)
class Hold:
    """`reason` is an exception's id, for a recount with a digest of what differed: other differences hold anew."""

    customer_id: CustomerId
    period_name: str
    reason: str


@dataclass(slots=True)
class _Sentences:
    """Any number of sentences, in the memory of a few. Their order does not matter."""

    count: int = 0
    first: list[str] = field(default_factory=list)
    _digest: int = 0

    def add(self, sentence: str) -> None:
        self.count += 1
        self.first = sorted([*self.first, sentence])[:_SHOWN]
        # A sum: the same sentences in any order have one digest, and a repeated one does not cancel itself out.
        self._digest += int.from_bytes(blake2b(sentence.encode(), digest_size=_DIGEST_BYTES).digest())

    @property
    def digest(self) -> str:
        return f"{self._digest % 256**_DIGEST_BYTES:0{2 * _DIGEST_BYTES}x}"


@dataclass(slots=True)
class ArchiveFindings:
    """Gathers sentences about what does not tie. Without any it is false."""

    _of_customer: dict[tuple[CustomerId, str], _Sentences] = field(default_factory=lambda: defaultdict(_Sentences))
    _of_nobody: dict[str, _Sentences] = field(default_factory=lambda: defaultdict(_Sentences))

    def __bool__(self) -> bool:
        return bool(self._of_customer or self._of_nobody)

    def add(self, customer_id: CustomerId, period_name: str, finding: str) -> None:
        self._of_customer[customer_id, period_name].add(finding)

    def add_unowned(self, subject: str, finding: str) -> None:
        """Add a finding about usage that no customer of the catalogue owns: nobody's invoice can be held for it."""
        self._of_nobody[subject].add(finding)

    def holds(self) -> Iterator[Hold]:
        for (customer_id, period_name), findings in self._of_customer.items():
            opened = does_not_tie(customer_id, period_name)
            yield Hold(customer_id, period_name, f"{opened} {findings.digest}")

    def exceptions(self, tenant: TenantId, looked_at: datetime) -> Iterator[ExceptionRecord]:
        for (customer_id, period_name), findings in self._of_customer.items():
            yield _exception(does_not_tie(customer_id, period_name), findings, tenant, looked_at)
        for subject, findings in self._of_nobody.items():
            yield _exception(exception_id(ExceptionCode.ARCHIVE_DOES_NOT_TIE, subject), findings, tenant, looked_at)


def does_not_tie(customer_id: CustomerId, period_name: str) -> ExceptionId:
    return exception_id(ExceptionCode.ARCHIVE_DOES_NOT_TIE, f"{customer_id}/{period_name}")


def _exception(opened: ExceptionId, findings: _Sentences, tenant: TenantId, looked_at: datetime) -> ExceptionRecord:
    return ExceptionRecord(
        exception_id=opened,
        tenant=tenant,
        code=ExceptionCode.ARCHIVE_DOES_NOT_TIE,
        subject=opened.partition(":")[2],
        message=f"archive and ledger differ in {findings.count} places",
        raised_at=looked_at,
        detail={"looked_at": format_instant(looked_at), "first": "; ".join(findings.first)},
    )
