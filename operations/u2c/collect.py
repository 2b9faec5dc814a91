"""Reads the books of a run out of the stores: each figure from the store that owns it, none from another's word."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

import boto3

from operations.local.cloud import LocalCloud
from operations.u2c.books import Books, DeliveryFate, Fate, latest_revisions
from operations.u2c.late_windows import late_windows
from operations.u2c.simulated_erps import SimulatedErps
from shared.adapters.dynamodb.credit_notes import DynamoCreditNotes
from shared.adapters.dynamodb.exception_store import DynamoExceptionStore
from shared.adapters.dynamodb.invoices import DynamoInvoices
from shared.adapters.dynamodb.metering_ledger import DynamoMeteringLedger
from shared.adapters.dynamodb.parked_usage import DynamoParkedUsage
from shared.adapters.dynamodb.posting_intents import DynamoPostingIntents
from shared.adapters.dynamodb.receivables import DynamoReceivables
from shared.adapters.ledger_audit import LogsAudit
from shared.adapters.s3.usage_archive import S3UsageArchive
from shared.contracts.usage_event.registry import ContractReader
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, ExceptionStatus
from shared.domain.identifiers import PostingId
from shared.domain.invoicing.issuing import REVERSED_STATES
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.customer import ALWAYS
from shared.domain.master_data.subjects import subject_accounts
from shared.domain.metering.aggregate import AggregateState, WindowKey, merge
from shared.domain.metering.layout import WINDOW, BucketLayout
from shared.domain.posting.compose import posting_id
from shared.domain.time_period import Period
from shared.domain.usage.admission import AcceptanceHorizon, judge_record
from shared.domain.usage.correction import Original, UsageVoid
from shared.domain.usage.event import Delivery, UsageEvent
from shared.domain.usage.fingerprint import IDENTITY_BYTES, fingerprint, measurement_fingerprint
from shared.domain.usage.heartbeat import Heartbeat
from shared.domain.usage.measurement import Measurement, measure, meters_by_event
from shared.domain.usage.rejection import REFUSALS, Rejected
from shared.domain.usage.stream_record import StreamRecord
from shared.domain.usage.telemetry import Telemetry
from shared.runtime import aws

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class _LedgerIds:
    """What the ledger has counted, 16 bytes each: what still counts, and what is voided."""

    counting: frozenset[bytes]
    voided: frozenset[bytes]

    @cached_property
    def identities(self) -> frozenset[bytes]:
        return frozenset(whole[:IDENTITY_BYTES] for whole in self.counting | self.voided)


class Collector:
    """Reads one deployment. The contracts and the horizon are ingest's own; everything else is read from its store."""

    def __init__(self, cloud: LocalCloud, catalog: Catalog) -> None:
        self._catalog = catalog
        self._read = ContractReader(catalog.usage_contracts)
        self._until = cloud.clock.now()
        settings = boto3.client("lambda").get_function_configuration(
            FunctionName=cloud.resource("VerifyUsageArchiveFunctionName")
        )["Environment"]["Variables"]
        self._horizon = AcceptanceHorizon.of(
            days=int(settings["ACCEPTANCE_HORIZON_DAYS"]), future_seconds=int(settings["FUTURE_TOLERANCE_SECONDS"])
        )
        tenant, dynamodb = catalog.tenant, aws.dynamodb()
        self._archive = S3UsageArchive(aws.s3(), cloud.resource("UsageArchiveBucket"), tenant)
        ledger_table = cloud.resource("MeteringLedgerTable")
        self._layout = BucketLayout.parse(settings["BUCKET_LAYOUT"])
        self._logs = DynamoMeteringLedger(dynamodb, ledger_table, tenant)
        self._ledger = LogsAudit(self._logs, self._layout)
        self._receivables = DynamoReceivables(dynamodb, cloud.resource("PostingsTable"), tenant)
        self._parked = DynamoParkedUsage(dynamodb, cloud.resource("ParkedUsageTable"), tenant)
        self._invoices = DynamoInvoices(
            dynamodb, cloud.resource("InvoicesTable"), tenant, postings_table=cloud.resource("PostingsTable")
        )
        self._credit_notes = DynamoCreditNotes(
            dynamodb, cloud.resource("InvoicesTable"), tenant, postings_table=cloud.resource("PostingsTable")
        )
        self._intents = DynamoPostingIntents(dynamodb, cloud.resource("PostingsTable"), tenant)
        self._exceptions = DynamoExceptionStore(dynamodb, cloud.resource("ExceptionsTable"), tenant)
        self._accounts = subject_accounts(catalog)
        self._meters = meters_by_event(catalog.meters)

    def books(
        self,
        *,
        since: datetime,
        events_in_file: int,
        events_not_arrived: int,
        refused_by_producer: int,
        erps: SimulatedErps,
    ) -> Books:
        """Read everything that arrived from `since` (UTC) on, with usage up to a horizon older than that."""
        used = Period(since - self._horizon.past, self._until)
        counting: set[bytes] = set()
        voided: set[bytes] = set()
        windows: dict[WindowKey, AggregateState] = {}
        events: dict[WindowKey, int] = {}
        for counted in self._ledger.counted(used):
            counting.update(counted.event_ids)
            voided.update(counted.voided_ids)
            for usage in counted.windows:
                events[usage.key] = events.get(usage.key, 0) + usage.events
                windows[usage.key] = merge(windows[usage.key], usage.state) if usage.key in windows else usage.state
        ledger_ids = _LedgerIds(frozenset(counting), frozenset(voided))
        every = list(self._invoices.every())
        invoices, reversed_ = latest_revisions(every), [one for one in every if one.state in REVERSED_STATES]
        credit_notes = sorted(self._credit_notes.every(), key=lambda note: note.credit_note_id)
        postings = [
            *dict.fromkeys(posting_id(one.invoice_id, one.revision) for one in (*invoices.values(), *reversed_)),
            *(PostingId(note.credit_note_id) for note in credit_notes),
        ]
        return Books(
            events_in_file=events_in_file,
            events_not_arrived=events_not_arrived,
            refused_by_producer=refused_by_producer,
            fates=tuple(self._fates(Period(since, self._until), ledger_ids)),
            windows={key: (events[key], state) for key, state in windows.items()},
            late_windows=late_windows(self._logs, self._layout, used),
            events_in_ledger=sum(events.values()),  # what the windows count is billed; a slot put twice shows here
            invoices=invoices,
            credit_notes=tuple(credit_notes),
            intents=tuple(intent for posting_id in postings for intent in self._intents.chain(posting_id)),
            on_their_way=tuple(intent for intent in self._intents.listed() if intent.is_on_its_way),
            exceptions=tuple(record for code in ExceptionCode for record in self._exceptions.records(code)),
            erp_documents=erps.documents(),
            as_of=self._until,
            reversed=tuple(sorted(reversed_, key=lambda one: (one.invoice_id, one.revision))),
            receivables=tuple(
                one for entity in self._catalog.legal_entities for one in self._receivables.of(entity.legal_entity_id)
            ),
        )

    def _fates(self, arrived: Period, ledger: "_LedgerIds") -> Iterator[DeliveryFate]:
        """Follow each delivery of the archive to its end. The first of an id and content is the metered one."""
        parked = self._why_parked()
        told = {r.subject for code in REFUSALS for r in self._exceptions.records(code)}
        kept_out = {r.subject: r.code for code in REFUSALS for r in self._exceptions.records(code) if _keeps_out(r)}
        seen: set[str] = set()
        records = sorted(self._archive.read(arrived), key=lambda r: (r.arrived_at, r.shard_id, int(r.sequence_number)))
        voids = self._voids(records)
        for record in records:
            for delivery, verdict in judge_record(record, read=self._read, horizon=self._horizon):
                match verdict:
                    case Telemetry():
                        yield DeliveryFate(
                            delivery=str(delivery),
                            fate=Fate.TELEMETRY,
                            source=verdict.source,
                            event_id=verdict.event_id,
                            code=verdict.fault.value if verdict.fault else "",
                        )
                    case Heartbeat():
                        yield DeliveryFate(
                            delivery=str(delivery),
                            fate=Fate.HEARTBEAT,
                            source=verdict.source,
                            event_id=verdict.event_id,
                        )
                    case Rejected():
                        yield DeliveryFate(
                            delivery=str(delivery),
                            fate=Fate.QUARANTINED if str(delivery) in told else Fate.LOST,
                            source=verdict.source,
                            event_id=verdict.event_id,
                            code=verdict.code.value,
                            reason=verdict.reason,
                        )
                    case UsageVoid():
                        yield DeliveryFate(
                            delivery=str(delivery),
                            fate=Fate.CORRECTION,
                            source=verdict.source,
                            event_id=verdict.event_id,
                            correction=f"voids {_told(verdict.original, verdict)}",
                        )
                    case UsageEvent():
                        for fate in self._fates_of_accepted(delivery, verdict, ledger, parked, seen, voids):
                            code = kept_out.get(str(delivery))
                            if code and fate.fate in (Fate.LOST, Fate.PARKED):
                                yield replace(fate, fate=Fate.QUARANTINED, code=code.value)
                            else:
                                yield fate

    def _voids(self, records: Iterable[StreamRecord]) -> Mapping[Original, UsageVoid]:
        """Return the first void of each original that any event voids or amends."""
        found: dict[Original, UsageVoid] = {}
        for record in records:
            for _, verdict in judge_record(record, read=self._read, horizon=self._horizon):
                void = verdict.amends if isinstance(verdict, UsageEvent) else verdict
                if isinstance(void, UsageVoid):
                    found.setdefault(void.original, void)
        return found

    def _why_parked(self) -> Mapping[str, tuple[str, str]]:
        """Return code and reason of whatever is parked, by its name; of what was released, neither."""
        groups = [opened.group for opened in self._parked.open_groups()]
        waiting = (event for group in groups for event in self._parked.parked(group, ALWAYS))
        told = {event.name: (event.code.value, event.reason) for event in waiting}
        return dict.fromkeys(self._parked.parked_deliveries(), ("", "")) | told

    def _fates_of_accepted(
        self,
        delivery: Delivery,
        event: UsageEvent,
        ledger: "_LedgerIds",
        parked: Mapping[str, tuple[str, str]],
        seen: set[str],
        voids: Mapping[Original, UsageVoid],
    ) -> Iterator[DeliveryFate]:
        """Follow what each meter of the event makes of it; a repeat is followed no further."""
        whole = DeliveryFate(
            delivery=str(delivery),
            fate=Fate.DUPLICATE,
            source=event.source,
            event_id=event.event_id,
            occurred_at=event.occurred_at,
            meter=event.meter,
            quantity=event.quantity,
            correction=f"amends {_told(event.amends.original, event.amends)}" if event.amends else "",
        )
        of_event = fingerprint(event)
        if of_event in seen:
            yield whole
            return
        seen.add(of_event)
        meters = self._meters.get(event.meter, ())
        measured = list(measure(event, of_event, meters))
        if not measured:
            of_no_meter = self._fate(whole, of_event, ledger, parked)
            yield replace(whole, fate=Fate.NOT_MEASURED) if meters else of_no_meter
        for one in measured:
            identity = measurement_fingerprint(event, of_event, one.meter.code)
            fate = self._fate(replace(whole, meter=one.meter.code), identity, ledger, parked)
            if isinstance(one, Measurement):
                window = self._window_of(event, one) if fate.fate is Fate.METERED else None
                fate = replace(fate, quantity=one.quantity, window=window)
            if fate.fate is Fate.VOIDED and (void := voids.get(_place(event))) is not None:
                fate = replace(fate, correction=f"voided by {_told(void, void)}")
            yield fate

    def _fate(
        self,
        what: DeliveryFate,
        identity: str,
        ledger: "_LedgerIds",
        parked: Mapping[str, tuple[str, str]],
    ) -> DeliveryFate:
        sought = bytes.fromhex(identity)
        if sought in ledger.counting:
            return replace(what, fate=Fate.METERED)
        if sought in ledger.voided:
            return replace(what, fate=Fate.VOIDED)
        for name in (f"{what.delivery} {what.meter}", what.delivery):
            if name in parked:
                code, reason = parked[name]
                return replace(what, fate=Fate.PARKED, code=code, reason=reason)
        conflicting = sought[:IDENTITY_BYTES] in ledger.identities
        return replace(what, fate=Fate.CONFLICTING if conflicting else Fate.LOST)

    def _window_of(self, event: UsageEvent, measured: Measurement) -> WindowKey | None:
        subject = self._accounts.get(event.subject)
        who = subject.at(event.occurred_at) if subject else None
        if who is None:
            return None
        start = event.occurred_at - (event.occurred_at - _LONG_AGO) % WINDOW
        return WindowKey(who.account.customer.customer_id, measured.meter.code, start, measured.dimensions)


def _keeps_out(refusal: ExceptionRecord) -> bool:
    """Whether an exception says why something that is admitted by now is not counted.

    Ingest refused it before its contract was published, and nobody has replayed it; or the ledger had forgotten which
    ids of its slice it had counted.
    """
    return refusal.status is ExceptionStatus.OPEN or refusal.code is ExceptionCode.EVENT_TOO_OLD


def _place(event: UsageEvent) -> Original:
    return Original(source=event.source, event_id=event.event_id, subject=event.subject, occurred_at=event.occurred_at)


def _told(of: Original | UsageVoid, void: UsageVoid) -> str:
    return f"{of.source}#{of.event_id}: {void.reason}"
