"""What to do about deliveries that were judged again: publish, tell of, close what was told before."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.archive.delivery import JudgedDelivery
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, ExceptionStatus
from shared.domain.identifiers import ExceptionId, TenantId
from shared.domain.metering.layout import Bucket
from shared.domain.metering.standing_void import FiledVoid
from shared.domain.replay.progress import ReplayCounts
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.correction import UsageVoid
from shared.domain.usage.event import Delivery, UsageEvent
from shared.domain.usage.fingerprint import fingerprint
from shared.domain.usage.rejection import Rejected, quarantine
from shared.domain.usage.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedOut:
    """`refused` are new exceptions, `settled` are those that say what is no longer so."""

    to_publish: tuple[AcceptedUsage, ...]
    refused: tuple[ExceptionRecord, ...]
    settled: tuple[ExceptionId, ...]
    counts: ReplayCounts


def admitted(judged: Iterable[JudgedDelivery], home_group: Callable[[str, datetime], int]) -> Sequence[AcceptedUsage]:
    """Return what may enter, with its original delivery and arrival: the verdict travels with it."""
    return [
        AcceptedUsage(
            delivery=one.delivery,
            received_at=one.arrived_at,
            event=one.verdict,
            fingerprint=fingerprint(one.verdict),
            group=home_group(one.verdict.subject, one.verdict.occurred_at),
        )
        for one in judged
        if isinstance(one.verdict, UsageEvent)
    ]


def voids_among(judged: Iterable[JudgedDelivery], home: Callable[[str, datetime], Bucket]) -> Sequence[FiledVoid]:
    """Return the voids that may enter, also those of events that amend others."""
    found: list[FiledVoid] = []
    for one in judged:
        void = one.verdict.amends if isinstance(one.verdict, UsageEvent) else one.verdict
        if isinstance(void, UsageVoid):
            bucket, amends = home(void.original.subject, void.original.occurred_at), void is not one.verdict
            found.append(
                FiledVoid(void=void, amends=amends, delivery=one.delivery, arrived_at=one.arrived_at, bucket=bucket)
            )
    return found


def sort_out(
    judged: Sequence[JudgedDelivery],
    usage: Sequence[tuple[AcceptedUsage, Standing]],
    told: Mapping[Delivery, Sequence[ExceptionRecord]],
    *,
    tenant: TenantId,
) -> SortedOut:
    """Decide by what has become of the admitted ones; `told` holds the exceptions of refused deliveries, closed too.

    A conflict is published, too: the ledger refuses it and tells a person where the other content was counted. What
    the ledger has forgotten keeps the exception it has.
    """
    standing_of = {one.delivery: standing for one, standing in usage}
    refused: list[ExceptionRecord] = []
    settled: list[ExceptionId] = []
    for one in judged:
        known = told.get(one.delivery, ())
        match one.verdict:
            case Rejected() as rejected:
                refused.append(quarantine(tenant, one.delivery, one.arrived_at, rejected))
                settled += [
                    record.exception_id for record in known if _is_open(record) and record.code != rejected.code
                ]
            case _ if standing_of.get(one.delivery) is not Standing.FORGOTTEN:
                settled += [record.exception_id for record in known if _is_open(record)]
    names = {record.exception_id for records in told.values() for record in records}
    return SortedOut(
        to_publish=tuple(one for one, standing in usage if standing in (Standing.NEW, Standing.CONFLICTING)),
        refused=tuple(record for record in refused if record.exception_id not in names),
        settled=tuple(settled),
        counts=_counts(len(judged), Counter(standing_of.values()), Counter(record.code for record in refused)),
    )


def _counts(found: int, by_standing: Counter[Standing], failed: Counter[ExceptionCode]) -> ReplayCounts:
    failed[ExceptionCode.EVENT_TOO_OLD] += by_standing[Standing.FORGOTTEN]
    failed[ExceptionCode.USAGE_CONFLICT] += by_standing[Standing.CONFLICTING]
    published = by_standing[Standing.NEW]
    unchanged = found - published - failed.total()
    return ReplayCounts(published=published, unchanged=unchanged, failed=dict(+failed))


def _is_open(record: ExceptionRecord) -> bool:
    return record.status is ExceptionStatus.OPEN
