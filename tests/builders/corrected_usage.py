"""Usage that is counted, archived and corrected, from the wire to the ledger, on fakes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from functions.apply_usage_corrections.use_case import Applied, CorrectionApplier
from functions.ingest_usage.use_case import ingest_usage
from shared.adapters.ledger_audit import LogsAudit
from shared.contracts.metered_rows import read_metered_rows
from shared.contracts.usage_event.registry import read_record
from shared.contracts.usage_rows import billable_row
from shared.domain.archive.delivery import judge_with
from shared.domain.entitlement.decision import Decision
from shared.domain.identifiers import (
    CatalogVersion,
    ContractId,
    CustomerId,
    LegalEntityId,
    MeterCode,
    ProductId,
    SubscriptionId,
)
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.customer import ALWAYS, Customer, Dated
from shared.domain.metering.aggregate import WindowKey, merge_windows, quantity_of
from shared.domain.metering.expression import Filter, Formula
from shared.domain.metering.log_view import LogViews
from shared.domain.metering.meter import Aggregation, Meter
from shared.domain.replay.sorting import admitted
from shared.domain.time_period import Period, format_instant
from shared.domain.usage.admission import AcceptanceHorizon, backfill_shard
from shared.domain.usage.billable import BillableUsage
from shared.domain.usage.measurement import Measurement, measure, meters_by_event
from shared.domain.usage.stream_record import StreamRecord
from tests.builders.metered_usage import LAYOUT, NOON, TENANT, MeteringWorld, windows_counted
from tests.fakes.in_memory_contract_counts import InMemoryContractCounts
from tests.fakes.in_memory_master_data import InMemoryMasterData
from tests.fakes.in_memory_producers import InMemorySignsOfLife
from tests.fakes.in_memory_usage_archive import InMemoryUsageArchive
from tests.fakes.in_memory_usage_corrections import InMemoryUsageCorrections
from tests.fakes.in_memory_usage_streams import InMemoryUsageStreams
from tests.fakes.usage import SHARD, as_bytes, usage_v2

HORIZON = AcceptanceHorizon.of(days=35, future_seconds=300)
VERSION = CatalogVersion("1-0a1b2c3d4e5f")
AROUND = Period(NOON - timedelta(days=40), NOON + timedelta(days=40))
IN_EUROPE = Meter(
    code=MeterCode("european_calls"),
    name="Calls in Europe",
    unit="call",
    aggregation=Aggregation.SUM,
    event="api_calls",
    filter=Filter("has(region) and region == 'eu'"),
    quantity=Formula("quantity * 2"),
)


def a_meter(code: str, aggregation: Aggregation = Aggregation.SUM) -> Meter:
    return Meter(code=MeterCode(code), name=code, unit="1", aggregation=aggregation)


def a_catalog(*owners: tuple[str, str], meters: tuple[Meter, ...] = ()) -> Catalog:
    """Return a catalogue in which customers go by subjects; acme goes by its own name and acme-eu."""
    subjects = owners or (("acme", "acme"), ("acme-eu", "acme"), ("globex", "globex"))
    customers = {
        owner: Customer(
            customer_id=CustomerId(owner),
            name=owner,
            country="DE",
            time_zone=ZoneInfo("UTC"),
            known_as=tuple(Dated(subject, ALWAYS) for subject, other in subjects if other == owner),
        )
        for owner in sorted({owner for _, owner in subjects})
    }
    one_of_each = tuple(a_meter(one.value, one) for one in Aggregation)
    return Catalog(
        tenant=TENANT,
        name="test",
        legal_entities=(),
        customers=tuple(customers.values()),
        contracts=(),
        products=(),
        meters=meters or (a_meter("api_calls"), IN_EUROPE, *one_of_each),
        plans=(),
        tax_rates=(),
    )


class CorrectedWorld:
    """Ingest, the archive, enrichment in short, aggregation, closing and corrections. Time is what a test says."""

    def __init__(self, metering: MeteringWorld | None = None) -> None:
        self.metering = metering or MeteringWorld()
        self.corrections: Any = InMemoryUsageCorrections()
        self.archive: Any = InMemoryUsageArchive()
        self.master_data = InMemoryMasterData()
        self.accepted = InMemoryUsageStreams()
        self.reporter = self.metering.reporter
        self._sequence = 0
        self.publish(a_catalog())

    def publish(self, catalog: Catalog) -> None:
        self.master_data.write(VERSION, catalog)
        self.master_data.publish(VERSION)

    def send(self, *events: dict[str, Any], arrived_at: datetime = NOON, archived: bool = True) -> None:
        """Have events arrive in one record: archived and ingested, what goes on is on `accepted`."""
        self._sequence += 1
        record = StreamRecord(SHARD, str(self._sequence), arrived_at, as_bytes(list(events)))
        if archived:
            self.archive.write([record])
        ingest_usage(
            [record],
            tenant=TENANT,
            read=read_record,
            horizon=HORIZON,
            home=LAYOUT.home,
            corrections=self.corrections,
            accepted_usage=self.accepted,
            reporter=self.reporter,
            signs=InMemorySignsOfLife(),
            progress=self.metering.progress,
            counts=InMemoryContractCounts(),
        )

    def count(self, *, views: LogViews | None = None, only: str = "") -> None:
        """Enrich and count what is on `accepted`, by the published catalogue; `only` one meter if it is named."""
        rows = [read_metered_rows(as_bytes([billable_row(usage)]))[0] for usage in self._billable(only)]
        self.accepted.accepted.clear()
        if rows:
            self.metering.count(*rows, views=views)

    def use(self, *events: dict[str, Any], arrived_at: datetime = NOON) -> None:
        """Have usage arrive and be counted."""
        self.send(*events, arrived_at=arrived_at)
        self.count()

    def backfill(self, *events: dict[str, Any], closed_at: datetime) -> None:
        """Have usage come by a backfill, and be counted."""
        self._sequence += 1
        record = StreamRecord(backfill_shard("gateway"), str(self._sequence), closed_at, as_bytes(list(events)))
        self.archive.write([record])
        judged = judge_with(read_record, HORIZON)([record])
        self.accepted.publish_accepted(admitted(judged, lambda subject, at: LAYOUT.home(subject, at).group))
        self.count()

    def apply(self, now: datetime = NOON + timedelta(hours=1)) -> Applied:
        self.metering.clock.instant = now
        return CorrectionApplier(
            tenant=TENANT,
            layout=LAYOUT,
            horizon=HORIZON,
            logs=self.metering.logs,
            corrections=self.corrections,
            archive=self.archive,
            judge=judge_with(read_record, HORIZON),
            master_data=self.master_data,
            reporter=self.reporter,
            clock=self.metering.clock,
        ).apply()

    def usage(self) -> dict[str, tuple[int, str]]:
        """Return events and quantity by meter of everything in the ledger; windows apart are told apart."""
        windows = merge_windows(windows_counted(LogsAudit(self.metering.logs, LAYOUT), AROUND))
        return {_name(one.key): (one.events, f"{quantity_of(one.state):f}") for one in sorted(windows, key=_order)}

    def _billable(self, only: str) -> Iterator[BillableUsage]:
        self.master_data.version()
        meters = meters_by_event(self.master_data.meters().values())
        for usage in self.accepted.accepted:
            subject = self.master_data.accounts_by_subject([usage.event.subject]).get(usage.event.subject)
            who = subject.at(usage.event.occurred_at) if subject else None
            for measured in measure(usage.event, usage.fingerprint, meters.get(usage.event.meter, ())):
                if who and isinstance(measured, Measurement) and only in ("", measured.meter.code):
                    yield BillableUsage(
                        accepted=usage,
                        measurement=measured,
                        customer_id=who.account.customer.customer_id,
                        contract_id=ContractId("c"),
                        subscription_id=SubscriptionId("s"),
                        product_id=ProductId("p"),
                        legal_entity_id=LegalEntityId("e"),
                        used_by=who.used_by,
                        region="",
                        entitlement=Decision.OVERAGE,
                    )


def call(event_id: str, *, at: datetime = NOON, subject: str = "acme", **data: Any) -> dict[str, Any]:
    """Return acme's API call, unless a test says otherwise."""
    named = {"meter": "api_calls", "quantity": 25} | data
    return usage_v2(id=event_id, subject=subject, time=format_instant(at), data=named)


def voided(original: str, *, at: datetime = NOON, subject: str = "acme", **changes: Any) -> dict[str, Any]:
    data = {"id": original, "reason": "a test call"} | changes.pop("data", {})
    event = {"id": f"void-{original}", "type": "usage.voided", "dataschema": None, "data": data}
    return usage_v2(**({"subject": subject, "time": format_instant(at)} | event | changes))


def amended(original: str, new_id: str, *, at: datetime = NOON, subject: str = "acme", **usage: Any) -> dict[str, Any]:
    """Return the event that replaces another one; `original_*` name what it corrects where that differs."""
    names = {name.removeprefix("original_"): usage.pop(name) for name in list(usage) if name.startswith("original_")}
    data = {"id": original, "reason": "a wrong quantity", **names, "usage": {"meter": "api_calls", **usage}}
    return usage_v2(id=new_id, type="usage.amended", subject=subject, time=format_instant(at), data=data)


def _name(key: WindowKey) -> str:
    owner = "" if key.customer_id == "acme" else f" of {key.customer_id}"
    return f"{key.meter}{owner} {key.window_start:%d %H:%M}"


def _order(one: Any) -> Any:
    return one.key
