"""Judge every event of a batch, publish the admitted ones, report the refused ones, then say how far it came."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from shared.domain.exception_record import ExceptionRecord
from shared.domain.identifiers import TenantId
from shared.domain.metering.layout import Bucket
from shared.domain.metering.standing_void import FiledVoid
from shared.domain.producers.signs_of_life import Heard, Sign
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.admission import AcceptanceHorizon, judge_record
from shared.domain.usage.correction import UsageVoid
from shared.domain.usage.event import Delivery, UsageEvent
from shared.domain.usage.fingerprint import fingerprint
from shared.domain.usage.heartbeat import Heartbeat
from shared.domain.usage.rejection import Rejected, quarantine
from shared.domain.usage.stream_record import StreamRecord
from shared.domain.usage.telemetry import Telemetry
from shared.ports.contract_counts import ContractCounts, ContractOutcome
from shared.ports.exceptions import ExceptionReporter
from shared.ports.signs_of_life import SignsOfLife
from shared.ports.stage_progress import StageProgress
from shared.ports.usage_contract import UsageContract
from shared.ports.usage_corrections import FiledVoids
from shared.ports.usage_stream import AcceptedUsageStream

STAGE = "ingest"


def ingest_usage(
    records: Sequence[StreamRecord],
    *,
    tenant: TenantId,
    read: UsageContract,
    horizon: AcceptanceHorizon,
    home: Callable[[str, datetime], Bucket],
    corrections: FiledVoids,
    accepted_usage: AcceptedUsageStream,
    reporter: ExceptionReporter,
    signs: SignsOfLife,
    progress: StageProgress,
    counts: ContractCounts,
) -> None:
    """Make the whole batch durable, or raise: then it comes again, and repeats change nothing downstream.

    `home` gives an event's bucket in the ledger by its subject and time. The records are of one shard. Telemetry and
    heartbeats end here: the archive has them. What voids other usage is filed; an event that amends also goes on as
    what it is.
    """
    accepted: list[AcceptedUsage] = []
    quarantined: list[ExceptionRecord] = []
    telemetry: Counter[str] = Counter()
    heartbeats: Counter[str] = Counter()
    heard: dict[str, datetime] = {}
    beating: dict[str, datetime] = {}
    voids: list[FiledVoid] = []

    for record in records:
        for delivery, verdict in judge_record(record, read=read, horizon=horizon):
            match verdict:
                case UsageEvent():
                    accepted.append(
                        AcceptedUsage(
                            delivery=delivery,
                            received_at=record.arrived_at,
                            event=verdict,
                            fingerprint=fingerprint(verdict),
                            group=home(verdict.subject, verdict.occurred_at).group,
                        )
                    )
                    if verdict.amends is not None:
                        voids.append(_filed(verdict.amends, delivery, record.arrived_at, home, amends=True))
                case UsageVoid():
                    voids.append(_filed(verdict, delivery, record.arrived_at, home, amends=False))
                case Rejected():
                    quarantined.append(quarantine(tenant, delivery, record.arrived_at, verdict))
                case Telemetry():
                    telemetry[verdict.contract] += 1
                case Heartbeat():
                    heartbeats["heartbeat"] += 1
                    beating[verdict.source] = record.arrived_at
            heard[verdict.source] = record.arrived_at

    if voids:
        corrections.file(voids)
    accepted_usage.publish_accepted(accepted)
    reporter.report(quarantined)
    signs.record(_signs(heard, beating))
    progress.record(STAGE, records[-1].shard_id, records[-1].sequence_number, records[-1].arrived_at)
    by_contract = {
        ContractOutcome.ACCEPTED: Counter(usage.event.contract for usage in accepted),
        ContractOutcome.REFUSED: Counter(exception.detail["contract"] for exception in quarantined),
        ContractOutcome.TELEMETRY: telemetry,
        ContractOutcome.HEARTBEAT: heartbeats,
    }
    counts.record(by_contract, records[-1].arrived_at)


def _filed(
    void: UsageVoid, delivery: Delivery, arrived_at: datetime, home: Callable[[str, datetime], Bucket], *, amends: bool
) -> FiledVoid:
    bucket = home(void.original.subject, void.original.occurred_at)
    return FiledVoid(void=void, amends=amends, delivery=delivery, arrived_at=arrived_at, bucket=bucket)


def _signs(heard: Mapping[str, datetime], beating: Mapping[str, datetime]) -> Heard:
    """Say of which sources something arrived, and of which a heartbeat. What could not be read names nobody."""
    of_kind = ((Sign.EVENT, heard), (Sign.HEARTBEAT, beating))
    return {(source, sign): at for sign, each in of_kind for source, at in each.items() if source}
