"""A damaged archive as an exception: the archive is the evidence, so that nobody may overlook it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from shared.domain.archive.partition import Damage
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import TenantId
from shared.domain.usage.conflicts import first_few


def damage_exceptions(damages: Iterable[Damage], tenant: TenantId, found_at: datetime) -> Iterator[ExceptionRecord]:
    """Yield one exception for each damaged day; still damaged after it was closed, it opens again."""
    of_day: defaultdict[date, set[str]] = defaultdict(set)
    for damage in damages:
        of_day[damage.day].add(str(damage))
    for day, found in sorted(of_day.items()):
        subject = f"{day:%Y-%m-%d}"
        yield ExceptionRecord(
            exception_id=exception_id(ExceptionCode.ARCHIVE_DAMAGED, subject),
            tenant=tenant,
            code=ExceptionCode.ARCHIVE_DAMAGED,
            subject=subject,
            message=f"{len(found)} objects of the archive are not as they were",
            raised_at=found_at,
            detail={"objects": first_few(sorted(found), at_most=_NAMED)},
        )


_NAMED = 5  # keys are long
