"""One look at the archive beside the ledger: what was counted, what is missing, which ids contradict themselves."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.identifiers import CustomerId, MeterCode
from shared.domain.time_period import Period
from shared.domain.usage.conflicts import ContentByIdentity, Version
from shared.domain.usage.event import UsageEvent
from shared.domain.usage.fingerprint import fingerprint, identity_hash, measurement_fingerprint
from shared.domain.usage.measurement import Measurement, MetersByEvent, measure
from shared.domain.usage.parked import waiting_name
from shared.domain.usage.recount import Recount


@dataclass(frozen=True, slots=True)
class _Lacking:
    """What a meter measures of an event, or the whole event, that the ledger does not have."""

    version: Version
    meter: MeterCode | None

    @property
    def names(self) -> frozenset[str]:
        """The names under which it may be parked: that of its delivery, and that of what its meter measures of it."""
        return frozenset(waiting_name(self.version.delivery, meter) for meter in (None, self.meter))


@dataclass(slots=True, kw_only=True)
class ArchiveScan:
    """Sees every admitted event of the archive, and what each of its meters makes of it.

    `span` is the event time that is checked. The ledger must have what arrived before `settled_before`; what arrived later may still be on its way.
    """

    span: Period
    settled_before: datetime
    ledger_ids: Collection[bytes]
    parked_deliveries: frozenset[str]
    meters: MetersByEvent
    recount: Recount
    contents: ContentByIdentity = field(default_factory=ContentByIdentity)
    _counted: set[bytes] = field(default_factory=set)
    _lacking: dict[bytes, list[_Lacking]] = field(default_factory=dict)

    def see(self, version: Version, billed_for: Callable[[UsageEvent], CustomerId | None]) -> None:
        event = version.event
        of_event = fingerprint(event)
        self.contents.see(bytes.fromhex(of_event))
        if event.occurred_at not in self.span:
            return
        meters = self.meters.get(event.meter, ())
        if not meters:
            self._look_for(of_event, version, None)  # of a meter that the catalogue lost, or parked
        for measured in measure(event, of_event, meters):
            counted = self._look_for(
                measurement_fingerprint(event, of_event, measured.meter.code), version, measured.meter.code
            )
            customer_id = billed_for(event) if counted else None
            if isinstance(measured, Measurement) and customer_id is not None:
                self.recount.count(event, customer_id, measured)

    def missing(self) -> list[Version]:
        """Return the events that the ledger lacks for no reason: neither parked nor contradicted."""
        return [
            lacking[0].version
            for lacking in self._lacking.values()
            if _identity(lacking[0].version.event) not in self.contents.contradicted
            and not any(self.parked_deliveries & one.names for one in lacking)
        ]

    def _look_for(self, whole: str, version: Version, meter: MeterCode | None) -> bool:
        """Say whether the ledger has it and it was not met before; remember it if the ledger should have it."""
        sought = bytes.fromhex(whole)
        if sought in self._counted:
            return False
        if sought in self.ledger_ids:
            self._counted.add(sought)
            return True
        if version.arrived_at < self.settled_before:
            self._lacking.setdefault(sought, []).append(_Lacking(version, meter))
        return False


def _identity(event: UsageEvent) -> bytes:
    return identity_hash(event.source, event.event_id)
